import { setTimeout as delay } from 'node:timers/promises';
import { MongoError, type ClientSession, type MongoClient } from 'mongodb';
import { UnavailableError } from '@tessera/contracts';
import { DUPLICATE_KEY, isUnavailable } from '../database.js';

/** Others kept changing the same documents. Nothing was lost: the same work may be tried again. */
export class ContentionError extends Error {
  override readonly name = 'ContentionError';
}

export interface TransactionRunnerOptions {
  /** Transactions under way at once. */
  readonly concurrency: number;
  /** Times one task is tried before its caller hears of it. */
  readonly attempts: number;
  /** Milliseconds waited at most before the second attempt; doubled for each after it, up to a quarter of a second. */
  readonly backOff: number;
}

const defaults: TransactionRunnerOptions = { concurrency: 2, attempts: 16, backOff: 8 };
const LONGEST_BACK_OFF = 250;
const WRITE_CONFLICT = 112;

/** Lends sessions to run transactions in, each to one borrower at a time. */
export interface SessionLender {
  with<Result>(work: (session: ClientSession) => Promise<Result>): Promise<Result>;
}

/** A new session for each transaction. */
export function newSessions(client: MongoClient): SessionLender {
  return { with: (work) => client.withSession(work) };
}

interface Attempt<Task> {
  readonly tasks: readonly Task[];
  readonly number: number;
}

/**
 * Runs tasks in transactions, many tasks in each. Tasks that conflict with somebody else's are tried again after a while,
 * in ever smaller transactions, so that the ones at fault do not hold back the others.
 */
export class TransactionRunner {
  private readonly options: TransactionRunnerOptions;

  constructor(
    private readonly sessions: SessionLender,
    options: Partial<TransactionRunnerOptions> = {},
  ) {
    this.options = { ...defaults, ...options };
  }

  /**
   * @param bundles tasks to be done together in one transaction each, as long as nobody interferes.
   * @param work must be repeatable: it runs again after a conflict, and after a commit whose answer was lost.
   * @returns the results in the order in which their transactions were committed.
   * @throws UnavailableError when the server is, or when a task could not be done in all its attempts.
   */
  async run<Task, Result>(
    bundles: readonly (readonly Task[])[],
    work: (tasks: readonly Task[], session: ClientSession) => Promise<Result>,
  ): Promise<{ readonly results: readonly Result[]; readonly retries: number }> {
    const waiting: Attempt<Task>[] = bundles.map((tasks) => ({ tasks, number: 1 }));
    const results: Result[] = [];
    let retries = 0;
    const takeTurns = async (): Promise<void> => {
      for (let attempt = waiting.shift(); attempt; attempt = waiting.shift()) {
        try {
          results.push(await this.commit(attempt.tasks, work));
        } catch (error) {
          waiting.push(...this.furtherAttempts(attempt, error));
          retries += 1;
          await delay(this.pauseAfter(attempt.number));
        }
      }
    };
    const turns = Array.from({ length: Math.min(this.options.concurrency, waiting.length) }, () =>
      takeTurns().catch((error: unknown) => {
        waiting.length = 0;
        throw error;
      }),
    );
    for (const turn of await Promise.allSettled(turns)) {
      if (turn.status === 'rejected') throw turn.reason;
    }
    return { results, retries };
  }

  private commit<Task, Result>(
    tasks: readonly Task[],
    work: (tasks: readonly Task[], session: ClientSession) => Promise<Result>,
  ): Promise<Result> {
    return inTransaction(this.sessions, (session) => work(tasks, session));
  }

  private furtherAttempts<Task>({ tasks, number }: Attempt<Task>, error: unknown): Attempt<Task>[] {
    if (isUnavailable(error)) throw new UnavailableError('mongodb', error);
    if (!isConflict(error)) throw error;
    if (number >= this.options.attempts) {
      throw new UnavailableError('mongodb', new ContentionError(`gave up after ${number} attempts`, { cause: error }));
    }
    const half = Math.ceil(tasks.length / 2);
    return [tasks.slice(0, half), tasks.slice(half)]
      .filter(({ length }) => length > 0)
      .map((part) => ({ tasks: part, number: number + 1 }));
  }

  private pauseAfter(attempt: number): number {
    return Math.random() * Math.min(LONGEST_BACK_OFF, this.options.backOff * 2 ** (attempt - 1));
  }
}

/** Does work in one transaction, durable once this resolves. @throws what the work or the commit fails with, {@link isConflict} tells which. */
export function inTransaction<Result>(
  sessions: SessionLender,
  work: (session: ClientSession) => Promise<Result>,
): Promise<Result> {
  return sessions.with(async (session) => {
    try {
      session.startTransaction({
        readConcern: { level: 'snapshot' },
        writeConcern: { w: 'majority', journal: true },
      });
      const result = await work(session);
      await session.commitTransaction();
      return result;
    } finally {
      if (session.inTransaction()) await session.abortTransaction().catch(() => undefined);
    }
  });
}

/** Whether a transaction failed only because of what others did at the same time, or its outcome was lost. */
export function isConflict(error: unknown): boolean {
  if (!(error instanceof MongoError)) return false;
  const labelled = ['TransientTransactionError', 'UnknownTransactionCommitResult'].some((label) =>
    error.hasErrorLabel(label),
  );
  return labelled || error.code === WRITE_CONFLICT || error.code === DUPLICATE_KEY;
}
