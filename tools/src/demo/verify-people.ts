import { performance } from 'node:perf_hooks';
import { isDeepStrictEqual } from 'node:util';
import type { JsonObject } from '@tessera/contracts';
import type { ProfileAnswer } from '../client/answers.js';
import type { TesseraClient } from '../client/tessera-client.js';
import { mapConcurrently } from '../load/pool.js';
import type { ExpectedPerson } from './expected-people.js';
import { leavesOf } from './leaves.js';
import { namespaces, type DemoDataSets } from './names.js';

/** Lookups under way at a time while everyone is looked up. */
export const LOOKUPS_AT_A_TIME = 8;

/** What looking everyone up showed. */
export interface PeopleFound {
  /** Distinct people among the looked-up identities. */
  readonly people: number;
  /** Of them those whose profile is made of more than one dataset. */
  readonly stitched: number;
  readonly fragments: number;
  readonly lookups: number;
  /** One line for each profile that is not what the raw data says. */
  readonly differences: readonly string[];
  /** Milliseconds of each lookup. */
  readonly delays: readonly number[];
}

/** Looks every record of both person sources up by its own number, and compares each profile field by field. */
export async function verifyPeople(
  client: TesseraClient,
  people: readonly ExpectedPerson[],
  dataSets: DemoDataSets,
): Promise<PeopleFound> {
  const wanted = people.flatMap((person) => person.records.map((record) => ({ person, id: record.recordId })));
  return lookUp(client, namespaces.record.code, wanted, ({ person }, answer) => differenceOf(person, answer, dataSets));
}

/** Looks every customer of the purchase log up; each is a person of one identity that no profile record describes. */
export async function verifyCustomers(client: TesseraClient, customers: readonly string[]): Promise<PeopleFound> {
  const { code } = namespaces.customer;
  const wanted = customers.map((id) => ({ id }));
  return lookUp(client, code, wanted, ({ id }, answer) => {
    const found = identitiesIn(answer);
    return found.size === 1 && found.has(`${code.toLowerCase()}/${id}`) ? undefined : `identities ${[...found].join()}`;
  });
}

async function lookUp<Wanted extends { readonly id: string }>(
  client: TesseraClient,
  namespace: string,
  wanted: readonly Wanted[],
  compare: (wanted: Wanted, answer: ProfileAnswer) => string | undefined,
): Promise<PeopleFound> {
  const sourcesByPerson = new Map<string, number>();
  const differences: string[] = [];
  const delays = await mapConcurrently(wanted, LOOKUPS_AT_A_TIME, async (one) => {
    const start = performance.now();
    const answer = await client.profile({ namespace, id: one.id });
    const took = performance.now() - start;
    const difference = answer === undefined ? 'never seen' : compare(one, answer);
    if (difference !== undefined) differences.push(`${one.id}: ${difference}`);
    if (answer !== undefined) sourcesByPerson.set(personOf(answer), answer.sources.filter(Boolean).length);
    return took;
  });
  const fragmentCounts = [...sourcesByPerson.values()];
  return {
    people: fragmentCounts.length,
    stitched: fragmentCounts.filter((count) => count > 1).length,
    fragments: fragmentCounts.reduce((sum, count) => sum + count, 0),
    lookups: wanted.length,
    differences,
    delays,
  };
}

function differenceOf(person: ExpectedPerson, answer: ProfileAnswer, dataSets: DemoDataSets): string | undefined {
  const identities = identitiesIn(answer);
  if (!isDeepStrictEqual(identities, person.identities)) return `identities ${[...identities].join()}`;
  const sources = new Set(answer.sources);
  if (!isDeepStrictEqual(sources, new Set([...person.sources].map((source) => dataSets[source].id)))) {
    return `sources ${answer.sources.join()}`;
  }
  const fields = fieldsOf(answer);
  const expected = new Map([...person.fields].map(([path, { value }]) => [path, value]));
  return isDeepStrictEqual(fields, expected) ? undefined : `fields ${JSON.stringify([...fields])}`;
}

/** The leaves of the profile that the person sources state. */
export function fieldsOf({ entity }: ProfileAnswer): ReturnType<typeof leavesOf> {
  const stated: JsonObject = {};
  for (const key of ['homeAddress', 'person'] as const) if (entity[key] !== undefined) stated[key] = entity[key];
  return leavesOf(stated);
}

function identitiesIn({ entity }: ProfileAnswer): Set<string> {
  return new Set((entity.identities ?? []).map(({ id, namespace }) => `${namespace.code}/${id}`));
}

/** The same text for every identity of one person. */
function personOf(answer: ProfileAnswer): string {
  return [...(answer.identityGraph ?? [answer.entityId])].sort().join();
}
