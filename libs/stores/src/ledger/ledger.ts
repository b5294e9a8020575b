import type { Collection } from 'mongodb';
import { tenantKey, type Outcome, type Tenant } from '@tessera/contracts';
import { available, inRounds, unorderedBulk } from '../bulk.js';
import type { Database } from '../database.js';
import type { LedgerDocument } from './ledger-document.js';

/** What became of one record. `tenant` and `datasetId` are empty where the message does not even say. */
export interface LedgerEntry {
  readonly tenant: string;
  readonly datasetId: string;
  readonly partition: number;
  readonly offset: number;
  readonly outcome: Outcome;
  /** Whether it was a replay of a dead letter: no newly accepted record. */
  readonly replayed?: boolean;
}

/**
 * The sums of one dataset. `applied` = `stored` + `superseded` + `notEnabled` + `deleted`, and once nothing is on its way: records
 * accepted + `replayed` = `applied` + `duplicate` + `deadLettered`.
 */
export interface DatasetCounts {
  readonly datasetId: string;
  readonly applied: number;
  readonly stored: number;
  readonly superseded: number;
  readonly notEnabled: number;
  /** Of what was deleted after they were accepted. */
  readonly deleted: number;
  readonly duplicate: number;
  readonly replayed: number;
  readonly deadLettered: number;
  readonly deadLetteredByReason: Readonly<Record<string, number>>;
}

/** Reads the sums per dataset. */
export interface LedgerReader {
  counts(tenant: Tenant): Promise<DatasetCounts[]>;
}

/**
 * Counts what became of every record (spec 01-concepts, guarantee 7). Each partition's count remembers the offset it
 * reaches to, so a batch that is delivered again, whole or cut differently, is counted once.
 */
export class Ledger implements LedgerReader {
  private readonly collection: Collection<LedgerDocument>;

  constructor(database: Database) {
    this.collection = database.collection('ledger');
  }

  /** Counts the outcomes of records: of each partition consecutive ones, in order. Call it once they are durable. */
  async record(topic: string, entries: readonly LedgerEntry[]): Promise<void> {
    await inRounds([...groupByDataset(topic, entries)], async (pending) => {
      const refused = await unorderedBulk(
        this.collection,
        pending.map(([id, group]) => toOperation(id, group)),
      );
      return this.withoutCounted(refused.map((index) => pending[index] as [string, LedgerEntry[]]));
    });
  }

  /** A group is refused when some of it is counted already: that part is dropped, the rest tried again. */
  private async withoutCounted(refused: [string, LedgerEntry[]][]): Promise<[string, LedgerEntry[]][]> {
    if (refused.length === 0) return [];
    const counted = await available(
      this.collection.find({ _id: { $in: refused.map(([id]) => id) } }, { projection: { nextOffset: 1 } }).toArray(),
    );
    const reached = new Map(counted.map(({ _id, nextOffset }) => [_id, nextOffset]));
    return refused
      .map(([id, group]): [string, LedgerEntry[]] => [
        id,
        group.filter(({ offset }) => offset >= (reached.get(id) ?? 0)),
      ])
      .filter(([, group]) => group.length > 0);
  }

  async counts(tenant: Tenant): Promise<DatasetCounts[]> {
    const documents = await available(
      this.collection
        .find({ tenant: tenantKey(tenant) })
        .sort({ datasetId: 1 })
        .toArray(),
    );
    const byDataset = Map.groupBy(documents, ({ datasetId }) => datasetId);
    return [...byDataset].map(([datasetId, parts]) => sum(datasetId, parts));
  }
}

function groupByDataset(topic: string, entries: readonly LedgerEntry[]): Map<string, LedgerEntry[]> {
  return Map.groupBy(entries, ({ partition, tenant, datasetId }) => `${topic}/${partition}/${tenant}/${datasetId}`);
}

function toOperation(id: string, group: readonly LedgerEntry[]) {
  const first = group[0] as LedgerEntry;
  const last = group.at(-1) as LedgerEntry;
  const increments: Record<string, number> = {};
  for (const { outcome, replayed } of group) {
    for (const counter of [counterOf(outcome), ...(replayed ? ['replayed'] : [])]) {
      increments[counter] = (increments[counter] ?? 0) + 1;
    }
  }
  return {
    updateOne: {
      filter: { _id: id, tenant: first.tenant, nextOffset: { $lte: first.offset } },
      update: { $inc: increments, $set: { datasetId: first.datasetId, nextOffset: last.offset + 1 } },
      upsert: true,
    },
  };
}

function counterOf(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'applied':
      return outcome.effect === 'not-enabled' ? 'notEnabled' : outcome.effect;
    case 'duplicate':
      return 'duplicate';
    case 'dead-letter':
      return `deadLettered.${outcome.reason}`;
  }
}

function sum(datasetId: string, parts: readonly LedgerDocument[]): DatasetCounts {
  const total = (counter: 'stored' | 'superseded' | 'notEnabled' | 'deleted' | 'duplicate' | 'replayed') =>
    parts.reduce((count, part) => count + (part[counter] ?? 0), 0);
  const byReason: Record<string, number> = {};
  for (const part of parts) {
    for (const [reason, count] of Object.entries(part.deadLettered ?? {})) {
      byReason[reason] = (byReason[reason] ?? 0) + count;
    }
  }
  const [stored, superseded] = [total('stored'), total('superseded')];
  const [notEnabled, deleted] = [total('notEnabled'), total('deleted')];
  return {
    datasetId,
    applied: stored + superseded + notEnabled + deleted,
    stored,
    superseded,
    notEnabled,
    deleted,
    duplicate: total('duplicate'),
    replayed: total('replayed'),
    deadLettered: Object.values(byReason).reduce((count, value) => count + value, 0),
    deadLetteredByReason: byReason,
  };
}
