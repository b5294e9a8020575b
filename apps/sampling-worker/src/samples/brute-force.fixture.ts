import { createHash } from 'node:crypto';
import { tenantKey, type Tenant } from '@tessera/contracts';
import type { Database } from '@tessera/stores';

interface Identity {
  readonly _id: string;
  readonly namespace: string;
  readonly clusterId: string;
}
interface Fragment {
  readonly datasetId: string;
  readonly xid: string;
  readonly deleted?: true;
  readonly schema?: string;
}
interface Event {
  readonly datasetId: string;
  readonly xids: readonly string[];
  readonly time: number;
  readonly expireAt?: Date;
}

export interface Recount {
  readonly profiles: number;
  readonly sampled: number;
  readonly fragments: number;
  readonly events: number;
  readonly datasets: Record<string, { sample: number; full: number }>;
  readonly namespaces: Record<string, { sample: number; full: number; fragments: number }>;
  readonly datasetOverlap: Record<string, number>;
  readonly namespaceOverlap: Record<string, number>;
  readonly unstitched: Record<string, { profiles: number; events: number }>;
}

export interface RecountRules {
  readonly ratio: number;
  readonly at: number;
  readonly stitched: boolean;
  /** Of a policy that has one. */
  readonly order?: readonly string[];
}

/**
 * The reports of a sandbox, recounted the slow way: everything read at once, person by person, straight from the
 * definitions of the specification. Shares nothing with the worker but the names of collections.
 */
export async function recount(
  database: Database,
  tenant: Tenant,
  { ratio, at, stitched, order }: RecountRules,
): Promise<Recount> {
  const mine = { tenant: tenantKey(tenant) };
  const identities = await database.collection<Identity>('identities').find(mine).toArray();
  const fragments = (await database.collection<Fragment>('fragments').find(mine).toArray()).filter(
    ({ deleted, schema }) => deleted === undefined && schema === undefined,
  );
  const events = (await database.collection<Event>('events').find(mine).toArray()).filter(
    ({ expireAt }) => expireAt === undefined || expireAt.getTime() > at,
  );
  const result: Recount = {
    ...{ datasets: {}, namespaces: {}, datasetOverlap: {}, namespaceOverlap: {}, unstitched: {} },
    ...{ profiles: 0, sampled: 0, fragments: 0, events: 0 },
  };
  const sums = result as { -readonly [Key in 'profiles' | 'sampled' | 'fragments' | 'events']: number };
  const people = Object.values(
    Object.groupBy(identities, ({ _id, clusterId }) => (stitched ? clusterId : _id)) as Record<string, Identity[]>,
  );
  for (const members of people) {
    const xids = members.map(({ _id }) => _id);
    const ownRecords = fragments.filter(({ xid }) => xids.includes(xid));
    const ownEvents = events.filter((event) => xids.includes(event.xids[0] as string));
    const stored = [
      ...ownRecords.map(({ datasetId, xid }) => `${datasetId}|${xid}|record`),
      ...new Set(ownEvents.map((event) => `${event.datasetId}|${event.xids[0]}|events`)),
    ].map((text) => text.split('|') as [string, string, string]);
    const namespaceOf = (xid: string) => members.find(({ _id }) => _id === xid)?.namespace ?? 'none';
    const namespaces = [...new Set(members.map(({ namespace }) => namespace))].sort();
    sums.fragments += stored.length;
    sums.events += ownEvents.length;
    for (const [, xid] of stored) {
      const known = (result.namespaces[namespaceOf(xid)] ??= { sample: 0, full: 0, fragments: 0 });
      known.fragments += 1;
    }
    const kinds = stored.filter(
      ([datasetId, , kind]) => kind === 'events' || order === undefined || order.includes(datasetId),
    );
    const shared = events.filter((event) => event.xids.some((xid) => xids.includes(xid)));
    if (kinds.length === 0 && shared.length === 0) continue;
    const clusterId = [...xids].sort()[0] as string;
    const isDrawn = createHash('sha256').update(clusterId).digest().readUInt32BE(0) < ratio * 2 ** 32 ? 1 : 0;
    sums.profiles += 1;
    sums.sampled += isDrawn;
    const sources = kinds.length > 0 ? kinds.map(([datasetId]) => datasetId) : shared.map(({ datasetId }) => datasetId);
    const datasets = [...new Set(sources)].sort();
    for (const id of datasets) {
      const known = (result.datasets[id] ??= { sample: 0, full: 0 });
      known.sample += isDrawn;
      known.full += 1;
    }
    for (const code of namespaces) {
      const known = (result.namespaces[code] ??= { sample: 0, full: 0, fragments: 0 });
      known.sample += isDrawn;
      known.full += 1;
    }
    result.datasetOverlap[datasets.join(',')] = (result.datasetOverlap[datasets.join(',')] ?? 0) + 1;
    result.namespaceOverlap[namespaces.join(',')] = (result.namespaceOverlap[namespaces.join(',')] ?? 0) + 1;
    const onlyEvents = kinds.every(([, , kind]) => kind === 'events');
    if (kinds.length !== 1 && !(onlyEvents && members.length === 1)) continue;
    const [primary = ''] = [...kinds.map(([, xid]) => xid), ...xids];
    for (const days of [7, 30, 60, 90, 120]) {
      if (shared.some(({ time }) => time > at - days * 86_400_000)) continue;
      const known = (result.unstitched[`${days} ${namespaceOf(primary)}`] ??= { profiles: 0, events: 0 });
      known.profiles += 1;
      known.events += ownEvents.length;
    }
  }
  return result;
}
