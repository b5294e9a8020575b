import { Inject, Injectable } from '@nestjs/common';
import { ulid } from 'ulid';
import type { Fault, JsonObject, Tenant } from '@tessera/contracts';
import { computedRoot, unionSchemaId, type ExportOrder, type ExportOutput, type MergePolicy } from '@tessera/domain';
import { problem, ProblemError, type Requester } from '@tessera/http';
import { JobCommands } from '@tessera/jobs';
import {
  DatasetStore,
  ExportJobReader,
  exportJobId,
  ExportStore,
  JobStore,
  Snapshots,
  type ExportJob,
  type ExportJobFilter,
  type ExportJobList,
  type ExportJobPage,
  type ExportProgress,
  type StoredDataset,
} from '@tessera/stores';
import { TENANT_NAME } from '../computed-attributes/tenant-name.token.js';
import { MergePolicyService } from '../merge-policies/merge-policy.service.js';
import { shownOf, wishOf, type ExportBody } from './export-body.js';

/** An export and how far it is. */
export interface ExportState {
  readonly job: ExportJob;
  /** Undefined until a worker has begun. */
  readonly progress: ExportProgress | undefined;
}

/** Creates, shows and cancels exports (spec 07-export-jobs). */
@Injectable()
export class ExportJobsService {
  constructor(
    @Inject(DatasetStore) private readonly datasets: DatasetStore,
    @Inject(MergePolicyService) private readonly policies: MergePolicyService,
    @Inject(ExportStore) private readonly exports: ExportStore,
    @Inject(ExportJobReader) private readonly reader: ExportJobReader,
    @Inject(JobStore) private readonly jobs: JobStore,
    @Inject(JobCommands) private readonly commands: JobCommands,
    @Inject(Snapshots) private readonly snapshots: Snapshots,
    @Inject(TENANT_NAME) private readonly tenantName: string,
  ) {}

  /**
   * @param body matches `exportBodySchema`.
   * @throws ProblemError `invalid-body` for a dataset that cannot take it, `unknown-policy` where that is all that is wrong.
   * @throws UnavailableError
   */
  async create({ tenant, clientId, requestId }: Requester, body: ExportBody): Promise<ExportState> {
    const dataset = await this.datasets.find(tenant, body.destination.datasetId);
    const faults = datasetFaults(dataset, body.schema.name);
    const policies = await this.policies.list(tenant);
    const ofDefault = policies.find((one) => one.default && one.schema.name === body.schema.name);
    const policy = await this.policyOf(tenant, body, ofDefault).catch((error: unknown) => {
      throw faults.length > 0 && isUnknownPolicy(error) ? refusal([...faults, policyFault]) : error;
    });
    if (faults.length > 0) throw refusal(faults);
    const number = await this.exports.nextNumber(tenant.organisation);
    const order: ExportOrder = {
      number,
      datasetId: body.destination.datasetId,
      format: dataset?.fileDescription?.['format'] === 'json' ? 'json' : 'parquet',
      outputs: outputsOf(body),
      policy,
      ...wishOf(body),
      snapshot: await this.snapshots.take(),
      computed: {
        graph: ofDefault?.identityGraph.type ?? 'none',
        root: computedRoot(this.tenantName),
        now: Date.now(),
      },
    };
    const recorded = await this.commands.submit(tenant, {
      id: exportJobId(tenant.organisation, number),
      type: 'EXPORT',
      // The first two are what receipts of deletions name an export by.
      properties: { ...targetOf(order), order: JSON.parse(JSON.stringify(order)) as JsonObject, shown: shownOf(body) },
      requestedBy: clientId,
      requestId,
      createdAt: Date.now(),
    });
    // As recorded: its command had not been published at that moment.
    return { job: { ...recorded, isPublished: false }, progress: undefined };
  }

  /** @param id as in the path: digits, or no export's. @throws ProblemError `unknown-export-job`. */
  async get(tenant: Tenant, id: string): Promise<ExportState> {
    const number = numberOf(id);
    const job = number === undefined ? undefined : await this.reader.find(tenant, number);
    if (job === undefined) throw unknownJob(id);
    const progress = await this.exports.progress(tenant, [job.id]);
    return { job, progress: progress.get(job.id) };
  }

  async list(
    tenant: Tenant,
    filter: ExportJobFilter,
    page: ExportJobPage,
  ): Promise<{ readonly states: ExportState[] } & Pick<ExportJobList, 'totalCount' | 'next'>> {
    const { jobs, totalCount, next } = await this.reader.list(tenant, filter, page);
    const progress = await this.exports.progress(
      tenant,
      jobs.map(({ id }) => id),
    );
    return { states: jobs.map((job) => ({ job, progress: progress.get(job.id) })), totalCount, next };
  }

  /** Calls an export off; its worker removes what it has written. @throws ProblemError `unknown-export-job`, `export-ended`. */
  async cancel(tenant: Tenant, id: string): Promise<void> {
    const { job } = await this.get(tenant, id);
    if (await this.jobs.cancel(tenant, job.id)) return;
    throw problem('export-ended', { detail: `The export ${id} has ended; there is nothing to cancel.` });
  }

  /** The rules to merge by, as they are now: a later change of the policy does not concern the export. */
  private async policyOf(
    tenant: Tenant,
    { mergePolicy, schema }: ExportBody,
    ofDefault: MergePolicy | undefined,
  ): Promise<ExportOrder['policy']> {
    if (mergePolicy !== undefined) {
      const policy = await this.policies.get(tenant, mergePolicy.id, mergePolicy.version);
      if (policy.schema.name === schema.name) return rulesOf(policy);
      throw problem('unknown-policy', {
        detail: `The merge policy ${policy.id} is for the schema ${policy.schema.name}, not for ${schema.name}.`,
      });
    }
    return ofDefault ? rulesOf(ofDefault) : { graph: 'none', attributeMerge: { type: 'timestampOrdered' } };
  }
}

function targetOf({ datasetId, outputs }: ExportOrder): JsonObject {
  const [only, another] = outputs;
  return { datasetId, ...(only !== undefined && another === undefined && { batchId: only.batchId }) };
}

function rulesOf({ id, version, identityGraph, attributeMerge }: MergePolicy): ExportOrder['policy'] {
  return { id, version, graph: identityGraph.type, attributeMerge };
}

function outputsOf({ destination, filter }: ExportBody): ExportOutput[] {
  if (!destination.segmentPerBatch) return [{ batchId: ulid() }];
  return (filter?.segments ?? []).map((segment) => ({ batchId: ulid(), segment }));
}

/** What a dataset must be to be exported into (spec 07-export-jobs). */
function datasetFaults(dataset: StoredDataset | undefined, schemaName: string): Fault[] {
  const path = '/destination/datasetId';
  if (dataset === undefined) return [{ path, message: 'is not a dataset of this sandbox' }];
  const union = unionSchemaId(schemaName);
  const faults: Fault[] = [];
  if (dataset.schemaRef.id !== union) {
    faults.push({ path, message: `must be a dataset of the union schema ${union}, not of ${dataset.schemaRef.id}` });
  }
  if (dataset.rules.profile) {
    faults.push({ path, message: 'must not feed profiles: the dataset has the tag unifiedProfile enabled' });
  }
  return faults;
}

const policyFault: Fault = {
  path: '/mergePolicy',
  message: 'is not a merge policy of this sandbox, or never had this version',
};

function isUnknownPolicy(error: unknown): boolean {
  return error instanceof ProblemError && error.slug === 'unknown-policy';
}

function refusal(errors: readonly Fault[]): ProblemError {
  return problem('invalid-body', { detail: 'The export cannot be made; errors lists every fault.', errors });
}

function numberOf(id: string): number | undefined {
  return /^[1-9]\d{0,11}$/.test(id) ? Number(id) : undefined;
}

function unknownJob(id: string): ProblemError {
  return problem('unknown-export-job', { detail: `The sandbox has no export job ${id.slice(0, 64)}.` });
}
