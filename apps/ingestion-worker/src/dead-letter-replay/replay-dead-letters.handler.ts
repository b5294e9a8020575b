import { setTimeout as delay } from 'node:timers/promises';
import { deadLetterReasons, topics, type JsonObject, type Tenant } from '@tessera/contracts';
import { replayedMessage } from '@tessera/domain';
import type { JobContext, JobHandler, JobTurn } from '@tessera/jobs';
import type { Producer } from '@tessera/messaging';
import type { DeadLetterDocument, DeadLetterFilter, DeadLetterReplays, Job } from '@tessera/stores';

export interface ReplayDeadLettersParts {
  readonly replays: DeadLetterReplays;
  readonly producer: Producer;
  /** Dead letters published at once. */
  readonly stepSize?: number;
  /** Published ones that have no outcome yet; more wait, so that a replay of many keeps no other records waiting long. */
  readonly mostUnderWay?: number;
}

const POLL_INTERVAL = 100;
/** Milliseconds of waiting for outcomes after which the job steps aside for others. */
const PATIENCE = 10_000;
const STEP_ASIDE = 5_000;

/**
 * Replays the dead letters that a filter selects and that were last tried before the job was asked for, each once. The
 * job's id is the token of all its replays, so an interrupted step may be repeated: of two messages with one token the
 * second has no effect. The job ends when every one of them has its outcome; what others have taken first, whether to
 * replay or to delete, is theirs, and only counted.
 */
export class ReplayDeadLettersHandler implements JobHandler {
  readonly type = 'REPLAY_DEAD_LETTERS';

  constructor(private readonly parts: ReplayDeadLettersParts) {}

  async run(job: Job, context: JobContext): Promise<JobTurn> {
    const { replays, stepSize = 200, mostUnderWay = 1_000 } = this.parts;
    const { tenant, id: token, metrics } = job;
    const filter = filterOf(job.properties);
    const triedBefore = new Date(job.createdAt);
    // What an earlier turn began and may not have published.
    await this.publish(tenant, await replays.unfinished(tenant, token, mostUnderWay + stepSize), token);
    let selected = metrics['selected'] ?? (await replays.count(tenant, filter, triedBefore));
    let replayed = metrics['replayed'] ?? 0;
    const counts = () => ({ selected, replayed, recordsProcessed: replayed });
    await context.progress({ progress: share(replayed, selected), metrics: counts() });
    for (;;) {
      if (!(await this.settles(job, mostUnderWay, context.signal))) return { again: STEP_ASIDE };
      const step = await replays.beginMany(tenant, { filter, token, triedBefore, limit: stepSize });
      if (step.length === 0) break;
      replayed += step.length;
      await context.progress({ progress: share(replayed, selected), metrics: counts() });
      await this.publish(tenant, step, token);
    }
    if (!(await this.settles(job, 0, context.signal))) return { again: STEP_ASIDE };
    // Exact where the count on the way is not: after a death between beginning a step and noting it.
    const outcomes = await replays.outcomes(tenant, token);
    replayed = outcomes.applied + outcomes.rejectedAgain;
    // One that was tried before, but is stored only now, was replayed without having been counted.
    selected = Math.max(selected, replayed);
    const takenByOthers = selected - replayed;
    return { done: true, metrics: { ...counts(), ...outcomes, takenByOthers } };
  }

  private async publish(tenant: Tenant, deadLetters: readonly DeadLetterDocument[], token: string): Promise<void> {
    await this.parts.producer.send(
      topics.record,
      deadLetters.map((deadLetter) => replayedMessage(tenant, deadLetter, { deadLetterId: deadLetter._id, token })),
    );
  }

  /** Waits until at most so many replays have no outcome. @returns false when that takes long. */
  private async settles({ tenant, id }: Job, most: number, signal: AbortSignal): Promise<boolean> {
    const until = Date.now() + PATIENCE;
    while ((await this.parts.replays.countUnfinished(tenant, id)) > most) {
      signal.throwIfAborted();
      if (Date.now() > until) return false;
      await delay(POLL_INTERVAL, undefined, { signal });
    }
    signal.throwIfAborted();
    return true;
  }
}

/** Not quite all of it before every outcome is known. */
function share(replayed: number, selected: number): number {
  return selected === 0 ? 99 : Math.min(99, (100 * replayed) / selected);
}

/** The properties as the gateway wrote them; whatever else they hold never reaches a query. */
function filterOf({ datasetId, reason, from, to }: JsonObject): DeadLetterFilter {
  const known = deadLetterReasons.find((one) => one === reason);
  return {
    ...(typeof datasetId === 'string' && { datasetId }),
    ...(known !== undefined && { reason: known }),
    ...(typeof from === 'number' && { from }),
    ...(typeof to === 'number' && { to }),
  };
}
