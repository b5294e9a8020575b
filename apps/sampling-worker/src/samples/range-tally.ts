import type { Tenant } from '@tessera/contracts';
import { SampleTallier, xidRanges, type SampleTally } from '@tessera/domain';
import { EventCounts, FencedOff, PeopleScan, Snapshots, type Database, type SampleWork } from '@tessera/stores';
import { factsOf } from './person-facts.js';

/** Adds up one range of the people of a sandbox, page by page: holds some hundred people at once, whatever their number. */
export class RangeTally {
  private readonly scan: PeopleScan;
  private readonly counts: EventCounts;
  private readonly snapshots: Snapshots;

  constructor(database: Database) {
    this.scan = new PeopleScan(database);
    this.counts = new EventCounts(database);
    this.snapshots = new Snapshots(database);
  }

  /** @throws SnapshotExpiredError, UnavailableError, or the signal's reason. */
  async of(tenant: Tenant, work: SampleWork, index: number, signal: AbortSignal): Promise<SampleTally> {
    const range = xidRanges(work.ranges)[index];
    if (range === undefined) throw new Error(`the sample has no range ${index}`);
    const snapshot = work.snapshot ?? (await this.snapshots.take());
    const visibility = await this.counts.visibility(tenant, snapshot);
    const { ratio, order } = work;
    const tallier = new SampleTallier({ ratio, now: work.at, ...(order && { order }) });
    const request = { range, graph: work.graph, snapshot, bodies: false, signal };
    const fenced = new FencedOff(work.fences ?? []);
    const gone = fenced.goneEvents();
    for await (const people of this.scan.pages(tenant, request)) {
      const xids = people.flatMap((person) => person.xids);
      const counts = await this.counts.of(tenant, xids, visibility, snapshot, gone);
      const left = people.map((person) => {
        return { ...person, fragments: person.fragments.filter((fragment) => !fenced.has(fragment)) };
      });
      for (const facts of factsOf(gone.length > 0 ? left : people, counts)) tallier.add(facts);
    }
    return tallier.result();
  }
}
