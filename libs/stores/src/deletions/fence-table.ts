import type { DeletionFenceDocument } from './deletion-fence.js';

/** What a record or a piece of evidence is of, as far as fences are concerned. */
export interface Fenceable {
  readonly datasetId: string;
  readonly batchId?: string | undefined;
}

/** A record, or a piece of evidence, with the identities it is about. */
export interface FenceableRecord extends Fenceable {
  readonly xids: readonly string[];
}

interface Fence {
  readonly at: number;
  /** Ids of the deletions that still remove what is before it. */
  readonly open: readonly string[];
}

/** The fences of one sandbox that concern some records, as of one moment. Of what has none, `-Infinity` is the time. */
export class FenceTable {
  static readonly empty = new FenceTable(0, []);

  private readonly fences: ReadonlyMap<string, Fence>;

  /** @param version of the sandbox's fences before they were read: any set since has a later one. */
  constructor(
    readonly version: number,
    documents: readonly Pick<DeletionFenceDocument, 'kind' | 'key' | 'at' | 'open'>[],
  ) {
    this.fences = new Map(documents.map(({ kind, key, at, open }) => [`${kind}/${key}`, { at, open }]));
  }

  get isEmpty(): boolean {
    return this.fences.size === 0;
  }

  /** Up to when (epoch ms) everything of this dataset and batch is gone, whoever it is about. */
  ofSource({ datasetId, batchId }: Fenceable): number {
    const times = [this.at('sandbox', ''), this.at('dataset', datasetId)];
    if (batchId !== undefined) times.push(this.at('batch', batchId));
    return Math.max(...times);
  }

  /** Whether the data of this dataset was ever deleted, with it or alone. */
  hasDataset(id: string): boolean {
    return this.fences.has(`dataset/${id}`);
  }

  /** Up to when (epoch ms) everything of this identity is gone. */
  ofPerson(xid: string): number {
    return this.at('person', xid);
  }

  /** The latest of the fences that concern a record with these identities. */
  latest(source: Fenceable, xids: readonly string[]): number {
    return Math.max(this.ofSource(source), ...xids.map((xid) => this.ofPerson(xid)));
  }

  /** Whether what is before one of those fences may still be stored. */
  isOpen(source: Fenceable, xids: readonly string[]): boolean {
    return this.concerning(source, xids).some(({ open }) => open.length > 0);
  }

  /** Ids of the deletions that are still to remove what is of these and was accepted at a moment (epoch ms). */
  removing(source: Fenceable, xids: readonly string[], acceptedAt: number): readonly string[] {
    return this.concerning(source, xids).flatMap(({ at, open }) => (at >= acceptedAt ? open : []));
  }

  private concerning({ datasetId, batchId = '' }: Fenceable, xids: readonly string[]): Fence[] {
    const keys = ['sandbox/', `dataset/${datasetId}`, `batch/${batchId}`, ...xids.map((xid) => `person/${xid}`)];
    return keys.flatMap((key) => this.fences.get(key) ?? []);
  }

  private at(kind: DeletionFenceDocument['kind'], key: string): number {
    return this.fences.get(`${kind}/${key}`)?.at ?? -Infinity;
  }
}
