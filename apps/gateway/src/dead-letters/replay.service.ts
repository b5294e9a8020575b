import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { tenantKey, topics, type Fault, type JsonValue, type Tenant } from '@tessera/contracts';
import { jsonText, namedDataset, replayedMessage } from '@tessera/domain';
import { problem, type ProblemError, type Requester } from '@tessera/http';
import type { JobCommands } from '@tessera/jobs';
import type { Producer } from '@tessera/messaging';
import type { DatasetReader, DeadLetterDocument, DeadLetterFilter, DeadLetterReplays, Job } from '@tessera/stores';
import { checkEnvelope } from '../collection/envelope-check.js';

export const REPLAY_PARTS = Symbol('parts of replays');

export interface ReplayParts {
  readonly replays: DeadLetterReplays;
  readonly datasets: DatasetReader;
  readonly producer: Producer;
  readonly commands: JobCommands;
  /** Bytes of one record with its envelope. */
  readonly maxRecordBytes: number;
}

/** Tries dead letters again (spec 03-ingestion, "Dead letters"). */
@Injectable()
export class ReplayService {
  constructor(@Inject(REPLAY_PARTS) private readonly parts: ReplayParts) {}

  /**
   * Publishes a dead letter again with its age and place, or what is to be tried in its place.
   *
   * @param written the correction, for passing it on (`verbatim`).
   * @returns the dead letter, being replayed.
   * @throws ProblemError `unknown-dead-letter`, `replay-under-way`; `invalid-body` or `body-too-large` for a correction.
   * @throws UnavailableError; the dead letter then waits as before.
   */
  async replayOne(
    tenant: Tenant,
    id: string,
    correction?: JsonValue,
    written?: JsonValue,
  ): Promise<DeadLetterDocument> {
    const { replays, producer } = this.parts;
    const corrected =
      correction === undefined ? undefined : await this.checked(tenant, correction, written ?? correction);
    const token = randomUUID();
    const deadLetter = await replays.begin(tenant, id, token);
    if (deadLetter === 'unknown') throw unknownDeadLetter(id);
    if (deadLetter === 'under-way') {
      throw problem('replay-under-way', {
        detail: `Dead letter ${id} is being replayed already; see what becomes of it.`,
      });
    }
    const replay = { deadLetterId: id, token };
    try {
      await producer.send(topics.record, [replayedMessage(tenant, deadLetter, replay, corrected)]);
    } catch (error) {
      await replays.takeBack(tenant, replay);
      throw error;
    }
    return deadLetter;
  }

  /** Commissions the replay of all dead letters that a filter selects now. @throws UnavailableError */
  replayMany({ tenant, clientId, requestId }: Requester, filter: DeadLetterFilter): Promise<Job> {
    return this.parts.commands.submit(tenant, {
      id: randomUUID(),
      type: 'REPLAY_DEAD_LETTERS',
      properties: { ...filter },
      requestedBy: clientId,
      requestId,
      createdAt: Date.now(),
    });
  }

  /** A correction as it is published, once it is what the door would take. */
  private async checked(tenant: Tenant, correction: JsonValue, written: JsonValue): Promise<Buffer> {
    const named = namedDataset(correction);
    const datasets = await this.parts.datasets.findMany(named === undefined ? [] : [named]);
    const own = new Map([...datasets].filter(([, dataset]) => tenantKey(dataset.tenant) === tenantKey(tenant)));
    const envelope = checkEnvelope(correction, tenant, own);
    if (!envelope.ok) throw invalid(envelope.faults);
    const text = jsonText(written);
    if (text === undefined) throw invalid([{ path: '/body', message: 'nests deeper than can be kept' }]);
    const bytes = Buffer.from(text);
    const { maxRecordBytes } = this.parts;
    if (bytes.length > maxRecordBytes) {
      throw problem('body-too-large', { detail: `A record may have ${maxRecordBytes} bytes. Nothing was replayed.` });
    }
    return bytes;
  }
}

export function unknownDeadLetter(id: string): ProblemError {
  return problem('unknown-dead-letter', { detail: `This sandbox has no dead letter ${id.slice(0, 256)}.` });
}

function invalid(faults: readonly Fault[]): ProblemError {
  return problem('invalid-body', {
    detail: 'The corrected record is not what the streaming door takes; nothing was replayed.',
    errors: faults.map(({ path, message }) => ({ path: `/record${path}`, message })),
  });
}
