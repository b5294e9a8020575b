import { setImmediate } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { Tenant } from '@tessera/contracts';
import { mergeFragments, recordSchemas, type Fragment, type MergedProfile, type MergeRules } from '@tessera/domain';
import { problem, ProblemError } from '@tessera/http';
import { EventReader, parseFragments } from '@tessera/stores';
import { PeopleService, type Person } from './people.service.js';
import { ProfileReads, type StoredFragments } from './profile-reads.js';
import type { Subject } from './requested-identity.js';

export interface MergedPerson extends Person {
  readonly rules: MergeRules;
  readonly fragments: readonly Fragment[];
  readonly merged: MergedProfile;
}

/** People merged without giving way to other requests. */
const MERGED_AT_ONCE = 50;

/**
 * Looks people up: graph and fragments are read when asked for and merged then, so an answer is never stale
 * (spec 06-entities, "Freshness").
 */
@Injectable()
export class LookupService {
  constructor(
    @Inject(PeopleService) private readonly people: PeopleService,
    @Inject(ProfileReads) private readonly reads: ProfileReads,
    @Inject(EventReader) private readonly events: EventReader,
  ) {}

  /**
   * The merged profile of one identity.
   *
   * @param policyId the default policy of the schema when undefined.
   * @throws ProblemError `unknown-policy`, `too-many-identities`, or `unknown-profile` when the identity was never seen.
   */
  async profile(
    tenant: Tenant,
    subject: Subject,
    schemaName: string,
    policyId: string | undefined,
  ): Promise<MergedPerson> {
    const [result] = await this.profiles(tenant, [subject], schemaName, policyId);
    if (result === undefined) throw neverSeen();
    if (result instanceof ProblemError) throw result;
    return result;
  }

  /**
   * The merged profiles of many identities, with one query for few of them, and one per store however many there are.
   *
   * @returns for each identity its profile or its problem, as {@link profile} would throw it.
   * @throws ProblemError `unknown-policy`.
   */
  async profiles(
    tenant: Tenant,
    subjects: readonly Subject[],
    schemaName: string,
    policyId: string | undefined,
  ): Promise<(MergedPerson | ProblemError)[]> {
    const found = await this.people.findWithFragments(tenant, subjects, schemaName, policyId);
    const { rules, people, fragments = await this.fragmentsOf(tenant, people) } = found;
    return this.mergeAll(tenant, people, fragments, schemaName, rules);
  }

  /** As {@link profiles}, of people already found and their fragments already read. */
  async mergeAll(
    tenant: Tenant,
    people: readonly (Person | ProblemError)[],
    stored: StoredFragments,
    schemaName: string,
    rules: MergeRules,
  ): Promise<(MergedPerson | ProblemError)[]> {
    const found = people.filter(isPerson);
    const unseen = await this.neverSeen(tenant, found, stored);
    const results: (MergedPerson | ProblemError)[] = [];
    for (const person of people) {
      if (results.length > 0 && results.length % MERGED_AT_ONCE === 0) await setImmediate();
      if (person instanceof ProblemError) results.push(person);
      else if (unseen.has(person.xid)) results.push(neverSeen());
      else results.push(merge(person, stored, schemaName, rules));
    }
    return results;
  }

  /** All fragments of some people by XID, in one query; a problem in place of a person has none. */
  async fragmentsOf(tenant: Tenant, people: readonly (Person | ProblemError)[]): Promise<StoredFragments> {
    const found = people.filter(isPerson);
    const xids = found.length === 1 ? found[0]?.xids : new Set(found.flatMap((person) => person.xids));
    const stored = await this.reads.fragments(tenant, [...(xids ?? [])]);
    return Map.groupBy(stored, ({ xid }) => xid);
  }

  /** The identities that nothing at all names; asks for events only where graph and fragments are silent. */
  private async neverSeen(
    tenant: Tenant,
    people: readonly Person[],
    stored: StoredFragments,
  ): Promise<ReadonlySet<string>> {
    const silent = people.filter(({ isKnown, xid }) => !isKnown && !stored.has(xid)).map(({ xid }) => xid);
    if (silent.length === 0) return new Set();
    const withEvents = await this.events.withEvents(tenant, silent);
    return new Set(silent.filter((xid) => !withEvents.has(xid)));
  }
}

function isPerson(one: Person | ProblemError): one is Person {
  return !(one instanceof ProblemError);
}

function merge(person: Person, stored: StoredFragments, schemaName: string, rules: MergeRules): MergedPerson {
  const fragments = fragmentsInScope(person, stored, schemaName);
  return { ...person, rules, fragments, merged: mergeFragments(fragments, rules.attributeMerge) };
}

/** The fragments of a person that are about what is looked up: people, or one kind of business entity. */
export function fragmentsInScope({ xids }: Person, stored: StoredFragments, schemaName: string): Fragment[] {
  const mark = recordSchemas[schemaName];
  return xids.flatMap((xid) => parseFragments((stored.get(xid) ?? []).filter(({ schema }) => schema === mark)));
}

function neverSeen(): ProblemError {
  return problem('unknown-profile', {
    detail: 'Nothing was ever seen of this identity: no record, no event, no link. Check its namespace and its value.',
  });
}
