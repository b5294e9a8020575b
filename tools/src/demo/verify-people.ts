import { performance } from 'node:perf_hooks';
import { isDeepStrictEqual } from 'node:util';
import type { JsonObject } from '@tessera/contracts';
import type { ProfileAnswer } from '../client/answers.js';
import type { TesseraClient } from '../client/tessera-client.js';
import { chunksOf, mapConcurrently } from '../load/pool.js';
import type { ExpectedPerson } from './expected-people.js';
import { leavesOf } from './leaves.js';
import { namespaces, type DemoDataSets } from './names.js';

/** Lookups under way at a time while everyone is looked up. */
export const LOOKUPS_AT_A_TIME = 8;
const LOOKUPS_IN_ONE = 500;

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
}

/** Looks every record of both person sources up by its own number, and compares each profile field by field. */
export async function verifyPeople(
  client: TesseraClient,
  people: readonly ExpectedPerson[],
  dataSets: DemoDataSets,
): Promise<PeopleFound & { readonly delays: readonly number[] }> {
  const wanted = people.flatMap((person) => person.records.map(({ recordId }) => ({ person, id: recordId })));
  const count = new PeopleCount();
  const delays = await mapConcurrently(wanted, LOOKUPS_AT_A_TIME, async ({ person, id }) => {
    const start = performance.now();
    const answer = await client.profile({ namespace: namespaces.record.code, id });
    const took = performance.now() - start;
    count.add(id, answer, answer === undefined ? 'never seen' : differenceOf(person, answer, dataSets));
    return took;
  });
  return { ...count.found(), delays };
}

/**
 * Looks every customer of the purchase log up, many in one request; each is a person of one identity that no profile
 * record describes.
 */
export async function verifyCustomers(client: TesseraClient, customers: readonly string[]): Promise<PeopleFound> {
  const { code } = namespaces.customer;
  const count = new PeopleCount();
  await mapConcurrently(chunksOf(customers, LOOKUPS_IN_ONE), 2, async (some) => {
    const answers = await client.profiles(some.map((id) => ({ namespace: code, id })));
    for (const [index, id] of some.entries()) {
      const answer = answers[index];
      const found = answer === undefined ? new Set() : identitiesIn(answer);
      const alone = found.size === 1 && found.has(`${code.toLowerCase()}/${id}`);
      count.add(id, answer, alone ? undefined : `identities ${[...found].join()}`);
    }
  });
  return count.found();
}

/** Gathers who was found. */
class PeopleCount {
  private readonly sourcesByPerson = new Map<string, number>();
  private readonly differences: string[] = [];
  private lookups = 0;

  add(id: string, answer: ProfileAnswer | undefined, difference: string | undefined): void {
    this.lookups++;
    if (difference !== undefined) this.differences.push(`${id}: ${difference}`);
    if (answer !== undefined) this.sourcesByPerson.set(personOf(answer), answer.sources.filter(Boolean).length);
  }

  found(): PeopleFound {
    const fragmentCounts = [...this.sourcesByPerson.values()];
    return {
      people: fragmentCounts.length,
      stitched: fragmentCounts.filter((count) => count > 1).length,
      fragments: fragmentCounts.reduce((sum, count) => sum + count, 0),
      lookups: this.lookups,
      differences: this.differences,
    };
  }
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
