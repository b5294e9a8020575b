import type { Identity, JsonObject, JsonValue } from '@tessera/contracts';

/*
 * What a lookup answers, once more, as plainly as it can be said and sharing nothing with what answers it: from the list
 * of everything that was ever said (spec 04-identity, 05-merge-policies, 06-entities). For tests.
 */

/** One record, in the order of acceptance; its first identity is the primary one. */
export interface ReferenceRecord {
  readonly datasetId: string;
  readonly identities: readonly Identity[];
  /** Epoch ms. */
  readonly age: number;
  /** Absent: the record is deleted. */
  readonly body?: JsonObject;
}

export interface ReferencePolicy {
  readonly graph: 'none' | 'pdg';
  /** Absent: the newest wins. */
  readonly order?: readonly string[];
}

export interface ReferenceProfile {
  readonly sources: readonly string[];
  readonly identityGraph: readonly string[];
  readonly entity: JsonObject;
  readonly lastModifiedAt: string;
}

/** The profile of an identity; undefined when no record names it. */
export function referenceLookup(
  records: readonly ReferenceRecord[],
  { xid }: Identity,
  policy: ReferencePolicy,
): ReferenceProfile | undefined {
  if (!records.some(({ identities }) => identities.some((one) => one.xid === xid))) return undefined;
  const person = policy.graph === 'none' ? new Set([xid]) : connectedWith(xid, records);
  const fragments = newestOfEach(records)
    .filter(({ primary, body }) => person.has(primary) && body !== undefined)
    .filter(({ datasetId }) => policy.order === undefined || policy.order.includes(datasetId))
    .sort((a, b) => {
      const places =
        policy.order === undefined ? 0 : policy.order.indexOf(a.datasetId) - policy.order.indexOf(b.datasetId);
      return places || b.age - a.age || b.accepted - a.accepted;
    });
  const bodies = fragments.map(({ body }) => body as JsonObject);
  const fields = (mergeValues(bodies) ?? {}) as JsonObject;
  const identityMap = unite(bodies);
  const scope = [
    ...new Map(records.flatMap(({ identities }) => identities.map((one) => [one.xid, one] as const))).values(),
  ]
    .filter((one) => person.has(one.xid))
    .sort((a, b) => (a.xid < b.xid ? -1 : 1));
  return {
    sources: [...new Set(fragments.map(({ datasetId }) => datasetId))].sort(),
    identityGraph: scope.map((one) => one.xid),
    entity: {
      ...fields,
      // In place of what merging it like any other field gave.
      ...(bodies.length > 0 && { identityMap }),
      identities: scope.map(({ namespace, id }) => ({
        id,
        namespace: { code: namespace },
        ...(identityMap[namespace]?.some((item) => item.id === id && item.primary) && { primary: true }),
      })),
    },
    lastModifiedAt: new Date(Math.max(0, ...fragments.map(({ age }) => age))).toISOString().replace('.000', ''),
  };
}

/** Everybody reached by going from record to record, again and again until nobody new is found. */
function connectedWith(xid: string, records: readonly ReferenceRecord[]): ReadonlySet<string> {
  const found = new Set([xid]);
  for (let before = 0; before < found.size;) {
    before = found.size;
    for (const { identities } of records) {
      if (identities.some((one) => found.has(one.xid))) for (const one of identities) found.add(one.xid);
    }
  }
  return found;
}

interface Numbered extends ReferenceRecord {
  readonly accepted: number;
  readonly primary: string;
}

/** Of the records of one dataset about one identity, the one that nothing newer replaced. */
function newestOfEach(records: readonly ReferenceRecord[]): Numbered[] {
  const all = records.map((record, accepted) => ({
    ...record,
    accepted,
    primary: (record.identities[0] as Identity).xid,
  }));
  return all.filter(
    (one) =>
      !all.some(
        (other) =>
          other.datasetId === one.datasetId &&
          other.primary === one.primary &&
          (other.age > one.age || (other.age === one.age && other.accepted > one.accepted)),
      ),
  );
}

/** One value out of several, best first: the best that says anything, or all objects key by key where that is one. */
function mergeValues(values: readonly (JsonValue | undefined)[]): JsonValue | undefined {
  const telling = values.filter((value): value is JsonValue => saysAnything(value));
  const [best] = telling;
  if (!isObject(best)) return best;
  const objects = telling.filter(isObject);
  const names = new Set(objects.flatMap((object) => Object.keys(object)));
  const merged = [...names].map((name) => [name, mergeValues(objects.map((object) => object[name]))] as const);
  return Object.fromEntries(merged.filter((entry): entry is [string, JsonValue] => entry[1] !== undefined));
}

function saysAnything(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null) return false;
  return !isObject(value) || Object.values(value).some(saysAnything);
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

interface MapItem {
  readonly id: string;
  readonly primary?: boolean;
}

/** All identity maps as one; primary identities first, then by value. */
function unite(bodies: readonly JsonObject[]): Record<string, { id: string; primary?: true }[]> {
  const maps = bodies.map((body) => body['identityMap'] as unknown as Record<string, MapItem[]>);
  const united: Record<string, { id: string; primary?: true }[]> = {};
  for (const namespace of new Set(maps.flatMap((map) => Object.keys(map)))) {
    const items = maps.flatMap((map) => map[namespace] ?? []);
    const ids = [...new Set(items.map(({ id }) => id))].sort();
    const isPrimary = (id: string): boolean => items.some((item) => item.id === id && item.primary === true);
    united[namespace] = [
      ...ids.filter(isPrimary).map((id) => ({ id, primary: true as const })),
      ...ids.filter((id) => !isPrimary(id)).map((id) => ({ id })),
    ];
  }
  return united;
}
