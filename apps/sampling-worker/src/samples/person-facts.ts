import type { CountedFragment, PersonFacts } from '@tessera/domain';
import type { EventCount, ScannedPerson } from '@tessera/stores';

/**
 * What reports need of each person of a page.
 *
 * @param counts the events of these people: those that carry any of their identities.
 * @returns nothing of people whom the graph has not seen yet: of them no namespace is known.
 */
export function factsOf(people: readonly ScannedPerson[], counts: readonly EventCount[]): PersonFacts[] {
  const byXid = new Map<string, EventCount[]>();
  for (const group of counts) {
    for (const xid of group.xids) {
      const known = byXid.get(xid);
      if (known) known.push(group);
      else byXid.set(xid, [group]);
    }
  }
  return people.flatMap((person) => (person.members.length === 0 ? [] : factsOfOne(person, byXid)));
}

function factsOfOne(
  { clusterId, members, fragments }: ScannedPerson,
  byXid: ReadonlyMap<string, readonly EventCount[]>,
): PersonFacts {
  const namespaceOf = new Map(members.map(({ xid, namespace }) => [xid, namespace]));
  const groups = new Set(members.flatMap(({ xid }) => byXid.get(xid) ?? []));
  const counted: CountedFragment[] = fragments.map(({ datasetId, xid }) => ({
    datasetId,
    namespace: namespaceOf.get(xid) ?? '',
    kind: 'record',
    events: 0,
  }));
  const events = new Map<string, CountedFragment & { events: number }>();
  const takesPartIn = new Set<string>();
  let newestEvent: number | undefined;
  for (const { datasetId, xids, count, newest } of groups) {
    newestEvent = Math.max(newestEvent ?? newest, newest);
    const [primary = ''] = xids;
    const namespace = namespaceOf.get(primary);
    // Somebody else's fragment; it makes this person no less active, and no less known.
    if (namespace === undefined) {
      takesPartIn.add(datasetId);
      continue;
    }
    const key = `${datasetId} ${primary}`;
    const known = events.get(key);
    if (known) known.events += count;
    else events.set(key, { datasetId, namespace, kind: 'events', events: count });
  }
  return {
    clusterId,
    namespaces: members.map(({ namespace }) => namespace),
    fragments: [...counted, ...events.values()],
    takesPartIn: [...takesPartIn],
    ...(newestEvent !== undefined && { newestEvent }),
  };
}
