import type { Document } from 'mongodb';
import type { DeletionFence } from './deletion-fence.js';

/** Whose something is, as far as fences are concerned. */
type OfPeople = { readonly xid: string } | { readonly xids: readonly string[] };

/** Up to which acceptance (epoch ms) things are gone, by some fences; `-Infinity` where they are not. */
export class FencedOff {
  private readonly datasets = new Map<string, number>();
  private readonly people = new Map<string, number>();
  private readonly batches = new Map<string, number>();

  constructor(fences: readonly DeletionFence[]) {
    for (const { subject, at } of fences) {
      if (subject.kind === 'dataset') this.datasets.set(subject.datasetId, at);
      else if (subject.kind === 'person') this.people.set(subject.xid, at);
      else if (subject.kind === 'batch') this.batches.set(subject.batchId, at);
    }
  }

  /** Ids of the batches of which something is gone. */
  get batchIds(): readonly string[] {
    return [...this.batches.keys()];
  }

  dataset(id: string): number {
    return this.datasets.get(id) ?? -Infinity;
  }

  person(xid: string): number {
    return this.people.get(xid) ?? -Infinity;
  }

  batch(id: string): number {
    return this.batches.get(id) ?? -Infinity;
  }

  /** Whether any of the events of a dataset that carry these identities may be gone, other than with their batch. */
  concerns({ datasetId, xids }: { readonly datasetId: string; readonly xids: readonly string[] }): boolean {
    return this.datasets.has(datasetId) || xids.some((xid) => this.people.has(xid));
  }

  /** Whether a record or event is gone. */
  has(one: { readonly datasetId: string; readonly acceptedAt: number } & OfPeople): boolean {
    if (one.acceptedAt <= this.dataset(one.datasetId)) return true;
    if (this.people.size === 0) return false;
    const isGone = (xid: string): boolean => one.acceptedAt <= this.person(xid);
    return 'xids' in one ? one.xids.some(isGone) : isGone(one.xid);
  }

  /** Conditions that an event meets which is gone; none where nothing is. */
  goneEvents(): Document[] {
    const upTo = (field: string, times: ReadonlyMap<string, number>): Document[] =>
      [...Map.groupBy(times, ([, at]) => at)].map(([at, some]) => {
        return { [field]: { $in: some.map(([key]) => key) }, acceptedAt: { $lte: at } };
      });
    return [...upTo('datasetId', this.datasets), ...upTo('xids', this.people), ...upTo('batchId', this.batches)];
  }
}
