import type { Tenant } from '@tessera/contracts';
import { builtInNamespaces, SampleTallier, type SampleTally } from '@tessera/domain';
import type { Job } from '@tessera/stores';
import {
  BatchStore,
  DatasetStore,
  NamespaceStore,
  PeopleCounter,
  SampleReportStore,
  sampleTriggers,
  SampleWorkStore,
  type Database,
  type ReportedDataset,
  type ReportedNamespace,
  type SampleReport,
  type SampleTrigger,
  type SampleWork,
} from '@tessera/stores';

/** Makes the report of a sample whose every range is added up. */
export class ReportMaker {
  private readonly works: SampleWorkStore;
  private readonly reports: SampleReportStore;
  private readonly people: PeopleCounter;
  private readonly batches: BatchStore;
  private readonly datasets: DatasetStore;
  private readonly namespaces: NamespaceStore;

  constructor(database: Database) {
    this.works = new SampleWorkStore(database);
    this.reports = new SampleReportStore(database);
    this.people = new PeopleCounter(database);
    this.batches = new BatchStore(database);
    this.datasets = new DatasetStore(database);
    this.namespaces = new NamespaceStore(database);
  }

  /** Keeps the report, and puts the number of people right by it. @throws UnavailableError */
  async make({ id, tenant, properties, createdAt }: Job, work: SampleWork): Promise<SampleTally> {
    const tallier = new SampleTallier({ ratio: work.ratio, now: work.at });
    for await (const { tally } of this.works.results(tenant, id, work.generation)) tallier.merge(tally);
    const tally = tallier.result();
    const { clusters, identities } = tally;
    // Where people are not stitched, clusters were not counted.
    const people = { clusters: work.graph === 'none' ? work.kept.clusters : clusters, identities };
    const lastBatch = await this.lastBatch(tenant, work.at);
    const report: SampleReport = {
      id,
      at: work.at,
      submittedAt: createdAt,
      ratio: work.ratio,
      mergeStrategy: work.mergeStrategy,
      trigger: triggerOf(properties['trigger']),
      ...(lastBatch && { lastBatch }),
      tally,
      datasets: await this.datasetsOf(tenant, tally),
      namespaces: await this.namespacesOf(tenant, tally),
      people,
    };
    if (await this.reports.add(tenant, report)) await this.people.correct(tenant, work.kept, people);
    return tally;
  }

  private async lastBatch(tenant: Tenant, at: number): Promise<SampleReport['lastBatch']> {
    const batch = await this.batches.lastIngested(tenant, at);
    return batch && { id: batch.id, finishedAt: batch.finishedAt ?? batch.updated };
  }

  /** A dataset that is deleted, and whose data is still going, has no name any more. */
  private async datasetsOf(tenant: Tenant, { datasets }: SampleTally): Promise<ReportedDataset[]> {
    const found = await this.datasets.findMany(datasets.map(([id]) => id));
    return datasets.map(([id]) => {
      const known = found.get(id);
      const isOwn = known?.tenant.organisation === tenant.organisation && known.tenant.sandbox === tenant.sandbox;
      const dataset = isOwn ? known : undefined;
      return {
        id,
        name: dataset?.name ?? '',
        description: dataset?.description ?? '',
        streaming: dataset?.rules.profile ?? false,
        createdUser: dataset?.createdUser ?? '',
      };
    });
  }

  private async namespacesOf(tenant: Tenant, { namespaces }: SampleTally): Promise<ReportedNamespace[]> {
    const registered = [...builtInNamespaces, ...(await this.namespaces.list(tenant))];
    const byKey = new Map(registered.map(({ code, id }) => [code.toLowerCase(), { code, id }]));
    return namespaces.map(([key]) => ({ key, ...(byKey.get(key) ?? { code: key, id: 0 }) }));
  }
}

function triggerOf(value: unknown): SampleTrigger {
  return sampleTriggers.find((trigger) => trigger === value) ?? 'request';
}
