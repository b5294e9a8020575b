import type { Tenant } from '@tessera/contracts';
import { JobFailure } from '@tessera/jobs';
import {
  FencedOff,
  snapshotTime,
  UNDER_WAY,
  type DeletionFence,
  type DeletionFences,
  type Snapshot,
} from '@tessera/stores';

/** What is not to come out of an export, and up to which deletion of the sandbox that is said. */
export interface Deleted {
  readonly fences: readonly DeletionFence[];
  readonly version: number;
}

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
