import { Inject, Injectable } from '@nestjs/common';
import type { Identity, Tenant } from '@tessera/contracts';
import { problem, ProblemError, type Requester } from '@tessera/http';
import type { JobCommands } from '@tessera/jobs';
import type {
  BatchReader,
  DatasetStore,
  DeletionAcceptance,
  DeletionFences,
  DeletionSubject,
  Job,
} from '@tessera/stores';
import { PeopleService } from '../profile-access/people.service.js';
import type { Subject } from '../profile-access/requested-identity.js';
import { conflicting, type DeletionRequest } from './deletion-request.js';

export const DELETION_PARTS = Symbol('parts of deletions');

export interface DeletionParts {
  readonly acceptance: DeletionAcceptance;
  readonly datasets: Pick<DatasetStore, 'find'>;
  readonly fences: Pick<DeletionFences, 'read'>;
  readonly batches: Pick<BatchReader, 'find'>;
  readonly commands: JobCommands;
}

/** Accepts deletions (spec 09-system-jobs, 06-entities). */
@Injectable()
export class DeletionsService {
  constructor(
    @Inject(DELETION_PARTS) private readonly parts: DeletionParts,
    @Inject(PeopleService) private readonly people: PeopleService,
  ) {}

  /**
   * Accepts the deletion of a dataset's data, or of one batch of events. That of a dataset which was removed may be asked
   * for again: the one that went with it may have failed.
   *
   * @throws ProblemError `unknown-dataset`, `unknown-batch`, `batch-of-records`, `invalid-body`, `deletion-running`.
   */
  async request(requester: Requester, { datasetId, batchId }: DeletionRequest): Promise<Job> {
    const { tenant } = requester;
    const isRemoved = datasetId !== undefined && (await this.isRemoved(tenant, datasetId));
    const subject: DeletionSubject =
      batchId === undefined
        ? { kind: 'dataset', datasetId: datasetId ?? '', isRemoved }
        : await this.batchOf(tenant, batchId, datasetId);
    return this.accept(requester, subject, true);
  }

  /**
   * Accepts the deletion of a person: of everyone whom a policy takes for one person with the identity at this moment.
   *
   * @throws ProblemError `unknown-policy`.
   */
  async deleteProfile(
    requester: Requester,
    subject: Subject,
    schemaName: string,
    policyId: string | undefined,
  ): Promise<Job> {
    const { people } = await this.people.find(requester.tenant, [subject], schemaName, policyId);
    const [person] = people;
    if (person === undefined || person instanceof ProblemError) throw person ?? new Error('nobody was looked up');
    const named = new Map(person.scope.map((identity) => [identity.xid, identity]));
    const members = person.xids.map((xid): Identity => named.get(xid) ?? { xid, namespace: '', id: '' });
    return this.accept(requester, { kind: 'person', entityId: subject.xid, members }, false);
  }

  private async accept(
    { tenant, clientId, requestId }: Requester,
    subject: DeletionSubject,
    isExclusive: boolean,
  ): Promise<Job> {
    const order = { requestedBy: clientId, requestId };
    const accepted = await this.parts.acceptance.accept({ tenant, subject, order, isExclusive });
    if (accepted && 'running' in accepted) {
      const detail = `The request ${accepted.running} for the same is not done yet.`;
      throw problem('deletion-running', { detail });
    }
    if (!accepted) throw new Error('a deletion was not accepted');
    await this.parts.commands.publish(accepted.job);
    return accepted.job;
  }

  /** @throws ProblemError `unknown-dataset` for one that is neither there nor was ever deleted. */
  private async isRemoved(tenant: Tenant, id: string): Promise<boolean> {
    if (await this.parts.datasets.find(tenant, id)) return false;
    const table = await this.parts.fences.read(tenant, { datasetIds: [id], batchIds: [], xids: [] });
    if (table.hasDataset(id)) return true;
    throw problem('unknown-dataset', { detail: `The sandbox has no dataset ${id.slice(0, 256)}.` });
  }

  private async batchOf(tenant: Tenant, batchId: string, datasetId: string | undefined): Promise<DeletionSubject> {
    const batch = await this.parts.batches.find(tenant, batchId);
    if (!batch) throw problem('unknown-batch', { detail: `The sandbox has no batch ${batchId.slice(0, 256)}.` });
    if (datasetId !== undefined && batch.datasetId !== datasetId) {
      throw conflicting(`The batch ${batchId} is not of the dataset ${datasetId}.`, '/batchId');
    }
    if (batch.behavior === 'record') {
      const detail = `Batch can only be specified for EE type datasets; ${batchId} is a batch of record data.`;
      throw problem('batch-of-records', { detail });
    }
    return { kind: 'batch', batchId, datasetId: batch.datasetId };
  }
}
