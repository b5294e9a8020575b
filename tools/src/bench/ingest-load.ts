import { setTimeout as delay } from 'node:timers/promises';
import { FastClient } from '../load/fast-client.js';
import type { FastRequest } from '../load/fast-connection.js';
import { mapConcurrently } from '../load/pool.js';
import type { RecordTemplate } from './record-template.js';
import type { Target } from './target.js';

const WATCHED = 100;
const WATCHED_AT_A_TIME = 4;
/** Rare enough that looking costs next to nothing of what is measured. */
const POLL_MS = 50;
const GIVE_UP_MS = 120_000;

export interface IngestLoad {
  readonly recordsPerBody: number;
  /** Requests under way at a time. */
  readonly connections: number;
  readonly seconds: number;
}

export interface IngestResult {
  readonly records: number;
  /** Milliseconds from the first request to its last answer. */
  readonly sending: number;
  /** Milliseconds from the first request until the last record was visible. */
  readonly visible: number;
  /** Times the gateway asked to wait (429). */
  readonly waits: number;
}

/** Gives every record a person and a number that only grows, over all turns of one side. */
export class RecordSource {
  private position = 0;

  constructor(
    readonly people: readonly string[],
    private readonly template: RecordTemplate,
  ) {}

  /** Number of the next record. */
  get next(): number {
    return this.position;
  }

  /** Primary identity of the person whom record number `position` is about. */
  emailOf(position: number): string {
    return this.template.emailOf(this.personOf(position));
  }

  /** The JSON of the next `count` records as one request body. */
  body(count: number): string {
    const texts = Array.from({ length: count }, () => {
      const position = this.position++;
      return this.template.textOf(this.personOf(position), position);
    });
    return count === 1 ? (texts[0] as string) : `{"messages":[${texts.join()}]}`;
  }

  private personOf(position: number): string {
    return this.people[position % this.people.length] as string;
  }
}

/**
 * Posts records as fast as the target takes them, then waits until the last of them are visible. Records of one partition
 * are applied in order and the last hundred cover all partitions, so then everything is.
 *
 * @throws Error when the target refuses a request, or a record does not become visible.
 */
export async function ingestAtFullLoad(target: Target, source: RecordSource, load: IngestLoad): Promise<IngestResult> {
  const client = new FastClient(target.url, load.connections);
  const headers = { ...target.headers, 'content-type': 'application/json' };
  const path = load.recordsPerBody === 1 ? target.recordPath : target.batchPath;
  const first = source.next;
  let waits = 0;
  const start = performance.now();
  const deadline = start + load.seconds * 1_000;
  const sender = async (): Promise<void> => {
    while (performance.now() < deadline) {
      waits += await post(client, { method: 'POST', path, headers, body: source.body(load.recordsPerBody) });
    }
  };
  await Promise.all(Array.from({ length: load.connections }, sender));
  const sending = performance.now() - start;
  await waitUntilVisible(client, target, source, first);
  const visible = performance.now() - start;
  client.close();
  return { records: source.next - first, sending, visible, waits };
}

/** Writes every person once, so that what is measured afterwards changes what is there. */
export async function seed(target: Target, source: RecordSource): Promise<void> {
  const client = new FastClient(target.url, 8);
  const headers = { ...target.headers, 'content-type': 'application/json' };
  const batches = Array.from({ length: Math.ceil(source.people.length / 100) });
  const first = source.next;
  await mapConcurrently(batches, 8, () =>
    post(client, { method: 'POST', path: target.batchPath, headers, body: source.body(100) }),
  );
  await waitUntilVisible(client, target, source, first);
  client.close();
}

/** Sends until the target does not ask to wait any more. @returns how often it did. */
export async function post(client: FastClient, request: FastRequest): Promise<number> {
  for (let waits = 0; ; waits++) {
    const { status, retryAfter, text } = await client.send(request);
    if (status < 300) return waits;
    if (status !== 429) throw new Error(`${request.path} answered ${status}: ${text.slice(0, 300)}`);
    await delay((retryAfter ?? 1) * 1_000);
  }
}

async function waitUntilVisible(
  client: FastClient,
  target: Target,
  source: RecordSource,
  first: number,
): Promise<void> {
  const from = Math.max(first, source.next - WATCHED);
  const positions = Array.from({ length: source.next - from }, (_, index) => source.next - 1 - index);
  const deadline = performance.now() + GIVE_UP_MS;
  await mapConcurrently(positions, WATCHED_AT_A_TIME, async (position) => {
    while ((await visibleSequence(client, target, source.emailOf(position))) < position) {
      if (performance.now() > deadline)
        throw new Error(`a record did not become visible to a lookup of ${target.name}`);
      await delay(POLL_MS);
    }
  });
}

/** The sequence number a lookup of the person shows; -1 before there is any. */
export async function visibleSequence(client: FastClient, target: Target, email: string): Promise<number> {
  const path = target.recordLookupPath(email);
  const { status, text } = await client.send({ method: 'GET', path, headers: target.headers });
  if (status === 404) return -1;
  if (status !== 200) throw new Error(`${path} answered ${status}: ${text.slice(0, 300)}`);
  const [profile] = Object.values(JSON.parse(text) as Record<string, { entity: { sequence?: number } }>);
  return profile?.entity.sequence ?? -1;
}
