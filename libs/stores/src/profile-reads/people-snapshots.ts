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

/** Narrows down what is read, once it is known how people are projected. */
export type WantedOf = (settings: ProjectionSettings) => Promise<readonly string[]>;

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
    return atOneMoment(this.database, (snapshot) => this.readSettings(tenant, snapshot));
  }

  /**
   * @param wanted says which identities to read about; none: nothing but the settings is read.
   */
  people(tenant: Tenant, wanted: WantedOf): Promise<PeopleSnapshot> {
    return atOneMoment(this.database, async (snapshot) => {
      const settings = await this.readSettings(tenant, snapshot);
      const xids = await wanted(settings);
      if (xids.length === 0) return { ...settings, people: [], fragments: new Map() };
      const people = await this.readPeople(tenant, xids, snapshot);
      return { ...settings, people, fragments: await this.readFragments(tenant, people, snapshot) };
    });
  }

  private async readSettings(tenant: Tenant, snapshot: Snapshot): Promise<ProjectionSettings> {
    const key = tenantKey(tenant);
    const set = await this.projections.findOne({ _id: key, tenant: key }, snapshot.options());
    const version = snapshot.version();
    if (set === null) return { version, projections: emptyProjectionSet, policies: [] };
    const stored = await this.policies.findOne({ _id: key, tenant: key }, snapshot.options());
    // Nobody asked for the sandbox's policies yet: it will be born with this one.
    return { version, projections: set, policies: stored?.policies ?? [bornPolicySettings] };
  }

  private async readPeople(tenant: Tenant, xids: readonly string[], snapshot: Snapshot): Promise<PersonSnapshot[]> {
    const found = await this.identities
      .find(
        { tenant: tenantKey(tenant), _id: { $in: [...xids] } },
        { ...snapshot.options(), projection: { members: 1 }, batchSize: xids.length + 1 },
      )
      .toArray();
    const members = new Map(found.map((identity) => [identity._id, identity.members]));
    return xids.map((xid) => ({ xid, isKnown: members.has(xid), members: members.get(xid) ?? [] }));
  }

  private async readFragments(
    tenant: Tenant,
    people: readonly PersonSnapshot[],
    snapshot: Snapshot,
  ): Promise<ReadonlyMap<string, readonly StoredFragment[]>> {
    const xids = new Set(people.flatMap(({ xid, members }) => [xid, ...members.map((member) => member.xid)]));
    const filter = { tenant: tenantKey(tenant), xid: { $in: [...xids] } };
    const found = await this.fragments
      .find(filter, { ...snapshot.options(), projection: fragmentProjection })
      .toArray();
    return Map.groupBy(found as StoredFragment[], ({ xid }) => xid);
  }
}
