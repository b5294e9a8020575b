import type { Tenant } from '@tessera/contracts';
import { JobFailure } from '@tessera/jobs';
import { snapshotTime, type DeletionFence, type DeletionFences, type Snapshot } from '@tessera/stores';

/** What is not to come out of an export, and up to which deletion of the sandbox that is said. */
export interface Deleted {
  readonly fences: readonly DeletionFence[];
  readonly version: number;
}

/**
 * Milliseconds that a deletion may have been accepted before a snapshot and still be about to remove what the snapshot
 * shows: what was deleted must not come out of an export that ends after the deletion did.
 */
const UNDER_WAY = 24 * 3_600_000;

/** Looks up what deletions took out of an export since its snapshot was taken, or were still to take out. */
export class Deletions {
  constructor(private readonly fences: Pick<DeletionFences, 'version' | 'acceptedSince'>) {}

  /** @throws JobFailure when the whole sandbox goes; UnavailableError */
  async since(tenant: Tenant, snapshot: Snapshot): Promise<Deleted> {
    const version = await this.fences.version(tenant);
    const fences = version === 0 ? [] : await this.fences.acceptedSince(tenant, snapshotTime(snapshot) - UNDER_WAY);
    const sandbox = fences.find(({ subject, at }) => subject.kind === 'sandbox' && at >= snapshotTime(snapshot));
    if (sandbox !== undefined) throw new JobFailure('The sandbox is being deleted.');
    return { fences, version };
  }
}

/** Whether everything that `wanted` takes out is out by `made` already. */
export function covers(made: readonly DeletionFence[], wanted: readonly DeletionFence[]): boolean {
  const known = new FencedOff(made);
  return wanted.every(({ subject, at }) => {
    if (subject.kind === 'dataset') return at <= known.dataset(subject.datasetId);
    if (subject.kind === 'person') return at <= known.person(subject.xid);
    return subject.kind === 'sandbox' || at <= known.batch(subject.batchId);
  });
}

/** Up to which acceptance (epoch ms) things are gone; `-Infinity` where they are not. */
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

  /** Whether a record or event is gone. */
  has(one: { readonly datasetId: string; readonly acceptedAt: number } & OfPeople): boolean {
    if (one.acceptedAt <= this.dataset(one.datasetId)) return true;
    if (this.people.size === 0) return false;
    const isGone = (xid: string): boolean => one.acceptedAt <= this.person(xid);
    return 'xids' in one ? one.xids.some(isGone) : isGone(one.xid);
  }
}

type OfPeople = { readonly xid: string } | { readonly xids: readonly string[] };
