import { randomUUID } from 'node:crypto';
import type { ClientSession, Collection, UUID } from 'mongodb';
import type { Database } from '../database.js';
import type { SessionLender } from './transaction-runner.js';

/** The sessions of one process, as long as it lives. */
interface TransactionSessionsDocument {
  /** Made up by the process. */
  readonly _id: string;
  readonly sessions: readonly UUID[];
  /** By the server's clock. */
  readonly seen: Date;
}

export interface TransactionSessionsOptions {
  /** Milliseconds between signs of life. */
  readonly interval: number;
  /** Milliseconds without a sign of life after which a process counts as dead. */
  readonly deadAfter: number;
}

const defaults: TransactionSessionsOptions = { interval: 2_000, deadAfter: 6_000 };

/**
 * The sessions in which this process runs its transactions, made known to the others. When a process is killed, the server
 * keeps its open transactions for a minute, and everyone who needs the same documents waits. Instead, the others end the
 * sessions of a process that gives no sign of life, before its work reaches them. One that only seemed dead loses nothing
 * but a try.
 */
export class TransactionSessions implements SessionLender {
  private readonly collection: Collection<TransactionSessionsDocument>;
  private readonly id = randomUUID();
  private readonly all: ClientSession[] = [];
  private readonly free: ClientSession[] = [];
  private timer: NodeJS.Timeout | undefined;
  private beating: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly options: TransactionSessionsOptions = defaults,
  ) {
    this.collection = database.collection('transaction_sessions');
  }

  /** Lends a session that nobody else uses meanwhile. */
  async with<Result>(work: (session: ClientSession) => Promise<Result>): Promise<Result> {
    const session = this.free.pop() ?? (await this.add());
    try {
      return await work(session);
    } finally {
      this.free.push(session);
    }
  }

  /** Gives signs of life, and ends the sessions of processes that give none, until closed. */
  start(): void {
    this.timer ??= setInterval(() => {
      this.beating = this.beating.then(() => this.beat()).catch(() => undefined);
    }, this.options.interval);
  }

  /** One sign of life, and one look at the others'. */
  async beat(): Promise<void> {
    if (this.all.length > 0) await this.register();
    const { deadAfter } = this.options;
    const dead = await this.collection
      .find({ _id: { $ne: this.id }, $expr: { $lt: ['$seen', { $subtract: ['$$NOW', deadAfter] }] } })
      .toArray();
    for (const { _id, sessions, seen } of dead) {
      await this.database.client.db('admin').command({ killSessions: sessions.map((id) => ({ id })) });
      await this.collection.deleteOne({ _id, seen });
    }
  }

  /** Ends the sessions. To be called before the database is closed, and after all work. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.beating;
    await Promise.all(this.all.splice(0).map((session) => session.endSession()));
    this.free.length = 0;
    await this.collection.deleteOne({ _id: this.id });
  }

  /** Known to the others before anything is done in it. */
  private async add(): Promise<ClientSession> {
    const session = this.database.client.startSession();
    this.all.push(session);
    await this.register();
    return session;
  }

  private async register(): Promise<void> {
    const sessions = this.all.flatMap((session) => (session.id ? [session.id.id as UUID] : []));
    await this.collection.updateOne(
      { _id: this.id },
      { $set: { sessions }, $currentDate: { seen: true } },
      { upsert: true },
    );
  }
}
