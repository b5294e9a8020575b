import { hash } from 'node:crypto';
import type { DeadLetterReason, Fault } from '@tessera/contracts';
import type { IndexDefinition } from '../indexes.js';

/** A record that could not be applied, with everything needed to mend and replay it. */
export interface DeadLetterDocument {
  /** {@link deadLetterId}. */
  readonly _id: string;
  readonly tenant: string;
  readonly datasetId: string;
  readonly reason: DeadLetterReason;
  readonly faults: readonly Fault[];
  /** The message's value, byte for byte. */
  readonly record: Buffer;
  /** The message's headers: its tenancy, acceptance and origin, so that a replay keeps its age and place. */
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly source: { readonly topic: string; readonly partition: number; readonly offset: number };
  readonly acceptedAt: Date;
  readonly firstAttempt: Date;
  readonly lastAttempt: Date;
  /** How often it was tried to apply. */
  readonly attempts: number;
  /** What was tried last in place of the record, and has the reason and the faults; absent when it was the record itself. */
  readonly correction?: Buffer;
  /** The replay that is under way, its message published or about to be. */
  readonly replay?: { readonly token: string; readonly since: Date };
  /** When it is forgotten. */
  readonly expireAt: Date;
}

/**
 * A dead letter, as stored. One that is done with, applied or deleted, stays as an empty mark until it is forgotten, so that
 * its first message, should it be delivered again, does not bring it back.
 */
export type StoredDeadLetter = DeadLetterDocument & {
  readonly done?: true;
  /** Token of the replay that had an outcome last. */
  readonly lastReplay?: string;
};

/** One id per message, so that a message handled twice leaves one dead letter. The time tells a recreated topic apart. */
export function deadLetterId(source: DeadLetterDocument['source'], timestamp: number): string {
  const digest = hash('sha256', `${source.topic}/${source.partition}/${source.offset}/${timestamp}`, 'buffer');
  return digest.subarray(0, 15).toString('base64url');
}

export const deadLetterIndexes: readonly IndexDefinition[] = [
  { collection: 'dead_letters', key: { tenant: 1, acceptedAt: -1, _id: 1 } },
  { collection: 'dead_letters', key: { expireAt: 1 }, options: { expireAfterSeconds: 0 } },
  {
    collection: 'dead_letters',
    key: { tenant: 1, 'replay.token': 1 },
    options: { partialFilterExpression: { 'replay.token': { $exists: true } } },
  },
];
