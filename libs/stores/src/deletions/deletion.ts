import { DEFAULT_SANDBOX, type Identity, type JobType, type JsonObject, type Tenant } from '@tessera/contracts';
import type { Job } from '../jobs/job.js';
import { ALWAYS, type FenceSubject } from './deletion-fence.js';

/** What is deleted. */
export type DeletionSubject =
  | {
      readonly kind: 'dataset';
      readonly datasetId: string;
      /** It has left the catalogue: its batches go as well. */
      readonly isRemoved: boolean;
    }
  | { readonly kind: 'batch'; readonly batchId: string; readonly datasetId: string }
  | {
      readonly kind: 'person';
      /** Of the identity that was named. */
      readonly entityId: string;
      /** Everyone in scope when the deletion was accepted. `namespace` and `id` are empty where nobody said what an XID stands for, and once the deletion has succeeded. */
      readonly members: readonly Identity[];
    }
  | { readonly kind: 'sandbox'; readonly sandboxName: string; readonly sandboxId: string };

/** What a job of deletion is to do, as its durable record says. */
export interface Deletion {
  readonly id: string;
  /** Whose data it is: not always whose job. */
  readonly tenant: Tenant;
  readonly subject: DeletionSubject;
  /** Epoch ms; what was accepted then or before goes. Of a sandbox, everything. */
  readonly at: number;
}

const typeOf: Readonly<Record<DeletionSubject['kind'], JobType>> = {
  dataset: 'TRUNCATE_DATASET',
  batch: 'DELETE_EE_BATCH',
  person: 'DELETE_PROFILE',
  sandbox: 'DELETE_SANDBOX',
};

export function deletionJobType({ kind }: DeletionSubject): JobType {
  return typeOf[kind];
}

/** Where the job of a deletion is kept: a sandbox that goes cannot keep its own. */
export function keeperOf(tenant: Tenant, { kind }: DeletionSubject): Tenant {
  return kind === 'sandbox' ? { ...tenant, sandbox: DEFAULT_SANDBOX } : tenant;
}

export function fencesOf(subject: DeletionSubject): FenceSubject[] {
  switch (subject.kind) {
    case 'dataset':
      return [{ kind: 'dataset', datasetId: subject.datasetId }];
    case 'batch':
      return [{ kind: 'batch', batchId: subject.batchId }];
    case 'person':
      return subject.members.map(({ xid }) => ({ kind: 'person', xid }));
    case 'sandbox':
      return [{ kind: 'sandbox' }];
  }
}

/** Up to when things go (epoch ms): of a sandbox at all times. */
export function fenceTime({ kind }: DeletionSubject, at: number): number {
  return kind === 'sandbox' ? ALWAYS : at;
}

/** The properties of a deletion's job. */
export function deletionProperties({ kind: _kind, ...subject }: DeletionSubject, at: number): JsonObject {
  return { ...(JSON.parse(JSON.stringify(subject)) as JsonObject), at };
}

/** A subject without what the XIDs of people stand for: enough of one whose deletion has succeeded. */
export function withoutIdentities(subject: DeletionSubject): DeletionSubject {
  if (subject.kind !== 'person') return subject;
  return { ...subject, members: subject.members.map(({ xid }) => ({ xid, namespace: '', id: '' })) };
}

/** What a job of deletion is to do. @throws Error for a job that is none. */
export function deletionOf({ id, tenant, type, properties }: Job): Deletion {
  const text = (name: string): string => {
    const value = properties[name];
    if (typeof value !== 'string') throw new Error(`a job of type ${type} has no ${name}`);
    return value;
  };
  const at = properties['at'];
  if (typeof at !== 'number') throw new Error(`a job of type ${type} has no time`);
  if (type === 'TRUNCATE_DATASET') {
    const subject = { datasetId: text('datasetId'), isRemoved: properties['isRemoved'] === true };
    return { id, tenant, at, subject: { kind: 'dataset', ...subject } };
  }
  if (type === 'DELETE_EE_BATCH') {
    return { id, tenant, at, subject: { kind: 'batch', batchId: text('batchId'), datasetId: text('datasetId') } };
  }
  if (type === 'DELETE_PROFILE') {
    const members = properties['members'] as unknown as readonly Identity[];
    return { id, tenant, at, subject: { kind: 'person', entityId: text('entityId'), members } };
  }
  if (type === 'DELETE_SANDBOX') {
    const [sandboxName, sandboxId] = [text('sandboxName'), text('sandboxId')];
    return {
      id,
      tenant: { ...tenant, sandbox: sandboxName },
      at: ALWAYS,
      subject: { kind: 'sandbox', sandboxName, sandboxId },
    };
  }
  throw new Error(`a job of type ${type} deletes nothing`);
}

/** A subject by its ids alone, for those who may not see more of it. */
export function subjectIds(subject: DeletionSubject): JsonObject {
  switch (subject.kind) {
    case 'dataset':
      return { datasetId: subject.datasetId };
    case 'batch':
      return { batchId: subject.batchId, datasetId: subject.datasetId };
    case 'person':
      return { entityId: subject.entityId, identities: subject.members.map(({ xid }) => xid) };
    case 'sandbox':
      return { sandboxName: subject.sandboxName, sandboxId: subject.sandboxId };
  }
}
