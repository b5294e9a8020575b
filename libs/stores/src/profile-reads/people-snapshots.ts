import type { Collection } from 'mongodb';
import { tenantKey, type Identity, type Tenant } from '@tessera/contracts';
import { bornPolicySettings, emptyProjectionSet, type PolicySettings, type ProjectionSet } from '@tessera/domain';
import type { Database } from '../database.js';
import type { FragmentDocument } from '../fragments/fragment-document.js';
import { graphCollections } from '../identity-graph/graph-collections.js';
import type { IdentityDocument } from '../identity-graph/graph-documents.js';
import type { PolicySetDocument } from '../merge-policies/merge-policy-document.js';
import type { ProjectionSetDocument } from '../projections/projection-document.js';
import { fragmentProjection, type StoredFragment } from './fragment-reader.js';
import { atOneMoment, type Snapshot } from './snapshot.js';

/** How a sandbox wants people projected, at one moment. */
export interface ProjectionSettings {
  /** `snapshotVersion` of the moment. */
  readonly version: number;
  readonly projections: ProjectionSet;
  readonly policies: readonly PolicySettings[];
}

/** An identity with its person, at one moment. */
export interface PersonSnapshot {
  readonly xid: string;
  /** Whether the graph has the identity. */
  readonly isKnown: boolean;
  /** Of the whole cluster, by XID; of an identity that the graph does not have, nothing. */
  readonly members: readonly Identity[];
}

/** Identities, their people and how they are projected, all at one moment. */
export interface PeopleSnapshot extends ProjectionSettings {
  readonly people: readonly PersonSnapshot[];
  /** All fragments of everybody who is one person with one of them, by XID. */
  readonly fragments: ReadonlyMap<string, readonly StoredFragment[]>;
}

/** Narrows down whose fragments are read, once it is known how people are projected, and who they are. */
export type WantedOf = (known: ProjectionSettings & Pick<PeopleSnapshot, 'people'>) => Promise<readonly string[]>;

/** Reads what projections of people are made from, as of one moment each time. */
export class PeopleSnapshots {
  private readonly projections: Collection<ProjectionSetDocument>;
  private readonly policies: Collection<PolicySetDocument>;
  private readonly identities: Collection<IdentityDocument>;
  private readonly fragments: Collection<FragmentDocument>;

  constructor(private readonly database: Database) {
    this.projections = database.collection('projections');
    this.policies = database.collection('merge_policies');
    this.identities = graphCollections(database).identities;
    this.fragments = database.collection('fragments');
  }

  settings(tenant: Tenant): Promise<ProjectionSettings> {
    return atOneMoment(this.database, async (snapshot) => {
      const read = await this.readProjections(tenant, snapshot);
      const isAny = read.projections.configurations.length > 0;
      return { ...read, policies: isAny ? await this.readPolicies(tenant, snapshot) : [] };
    });
  }

  /**
   * @param xids identities to read about; everybody who is one person with one of them is read about as well. Where nothing
   *   is projected, nothing but the settings is read.
   * @param wanted says whose fragments to read; everybody's where it is absent.
   */
  people(tenant: Tenant, xids: readonly string[], wanted?: WantedOf): Promise<PeopleSnapshot> {
    return atOneMoment(this.database, async (snapshot) => {
      // The first read decides the moment; the others need not wait for each other.
      const { version, projections } = await this.readProjections(tenant, snapshot);
      if (projections.configurations.length === 0) {
        return { version, projections, policies: [], people: [], fragments: new Map() };
      }
      const [policies, people] = await Promise.all([
        this.readPolicies(tenant, snapshot),
        this.readPeople(tenant, xids, snapshot),
      ]);
      const settings = { version, projections, policies };
      const chosen = wanted && new Set(await wanted({ ...settings, people }));
      const readers = chosen ? people.filter(({ xid }) => chosen.has(xid)) : people;
      return { ...settings, people, fragments: await this.readFragments(tenant, readers, snapshot) };
    });
  }

  private async readProjections(
    tenant: Tenant,
    snapshot: Snapshot,
  ): Promise<Pick<ProjectionSettings, 'version' | 'projections'>> {
    const key = tenantKey(tenant);
    const set = await this.projections.findOne({ _id: key, tenant: key }, snapshot.options());
    return { version: snapshot.version(), projections: set ?? emptyProjectionSet };
  }

  private async readPolicies(tenant: Tenant, snapshot: Snapshot): Promise<readonly PolicySettings[]> {
    const key = tenantKey(tenant);
    const stored = await this.policies.findOne({ _id: key, tenant: key }, snapshot.options());
    // Nobody asked for the sandbox's policies yet: it will be born with this one.
    return stored?.policies ?? [bornPolicySettings];
  }

  private async readPeople(tenant: Tenant, xids: readonly string[], snapshot: Snapshot): Promise<PersonSnapshot[]> {
    const found = await this.identities
      .find(
        { tenant: tenantKey(tenant), _id: { $in: [...xids] } },
        { ...snapshot.options(), projection: { members: 1 }, batchSize: xids.length + 1 },
      )
      .toArray();
    // At one moment the identities of a person name the same members.
    const people = new Map<string, PersonSnapshot>();
    for (const { members } of found) {
      for (const { xid } of members) people.set(xid, { xid, isKnown: true, members });
    }
    for (const xid of xids) if (!people.has(xid)) people.set(xid, { xid, isKnown: false, members: [] });
    return [...people.values()];
  }

  private async readFragments(
    tenant: Tenant,
    people: readonly PersonSnapshot[],
    snapshot: Snapshot,
  ): Promise<ReadonlyMap<string, readonly StoredFragment[]>> {
    const xids = new Set(people.flatMap(({ xid, members }) => [xid, ...members.map((member) => member.xid)]));
    if (xids.size === 0) return new Map();
    const filter = { tenant: tenantKey(tenant), xid: { $in: [...xids] } };
    const found = await this.fragments
      .find(filter, { ...snapshot.options(), projection: fragmentProjection })
      .toArray();
    return Map.groupBy(found as StoredFragment[], ({ xid }) => xid);
  }
}
