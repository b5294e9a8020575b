import { randomUUID } from 'node:crypto';
import type { ClientSession } from 'mongodb';
import { tenantKey, type ProfileChange, type Tenant } from '@tessera/contracts';
import { isContested, linkingRules, type GraphLimits, type LinkingRules } from '@tessera/domain';
import { BY_ID } from '../bulk.js';
import type { GraphCollections } from './graph-collections.js';
import type { LinkDocument } from './graph-documents.js';
import { readNeighbourhood, type Neighbourhood, type Place } from './graph-neighbourhood.js';
import { planGroup, type GroupPlan } from './graph-plan.js';
import { groupTasks, xidsOf, type GraphGroup, type GraphTask } from './graph-task.js';
import { writePlans } from './graph-writes.js';
import type { IdentitySettingsRepository } from './identity-settings.js';
import type { NamespaceTypes } from './namespace-types.js';
import type { Withdrawal } from './planned-links.js';
import { NOBODY, sumOfCounts, type PeopleCount } from '../samples/people-counter.js';

/** What one transaction did. */
export interface GraphTransactionResult {
  /** Where everyone in the components concerned now belongs, by XID. */
  readonly places: ReadonlyMap<string, Pick<Place, 'clusterId' | 'members'>>;
  /** Clusters that are not what they were. */
  readonly changes: readonly ProfileChange[];
  /** Id of the record that the changes are still to be announced by; none without changes. */
  readonly announcement: string | undefined;
  readonly registered: number;
  /** How many people, and identities, there are more than before. */
  readonly growth: PeopleCount;
  readonly leftOut: number;
  readonly evicted: number;
  readonly dropped: number;
  readonly withdrawn: number;
}

/** Documents of one answer: one round trip where MongoDB's own default of 101 would take many. */
const LARGE = 10_000;

/** Brings parts of the graph up to date inside one transaction. */
export class GraphTransaction {
  constructor(
    private readonly collections: GraphCollections,
    private readonly settings: IdentitySettingsRepository,
    private readonly namespaces: NamespaceTypes,
    private readonly limits: GraphLimits,
  ) {}

  /**
   * @param withdrawal evidence that goes from the tasks' components.
   * @throws MongoError on a conflict with somebody else's transaction; then nothing was done.
   */
  async run(
    tenant: Tenant,
    tasks: readonly GraphTask[],
    session: ClientSession,
    withdrawal?: Withdrawal,
  ): Promise<GraphTransactionResult> {
    const key = tenantKey(tenant);
    const xids = [...new Set(tasks.flatMap(xidsOf))];
    const neighbourhood = await readNeighbourhood(this.collections, key, xids, session);
    const settings = await this.settings.get(tenant, session);
    const groups = groupTasks(tasks, neighbourhood);
    const { unique } = linkingRules(settings, []);
    const intricate = new Set(withdrawal ? groups : groups.filter((group) => this.bites(group, neighbourhood, unique)));
    const links = await this.readLinks(key, [...intricate], session);
    const storedLinks = await this.storedAmong(key, groups, session);
    const types = intricate.size > 0 ? await this.typesIn(tenant, [...intricate], neighbourhood) : [];
    const rules = linkingRules(settings, types);
    const plans = groups.map((group) =>
      planGroup(
        group,
        neighbourhood,
        intricate.has(group) ? (links.get(group) ?? []) : undefined,
        rules,
        this.limits,
        withdrawal,
      ),
    );
    await writePlans(this.collections, key, plans, neighbourhood, storedLinks, settings.version, session);
    const changes = plans.flatMap((plan) => plan.changes);
    return {
      places: placesIn(plans),
      changes,
      announcement: await this.keepForAnnouncement(tenant, changes, session),
      registered: plans.reduce(
        (sum, { moved }) => sum + [...moved.keys()].filter((xid) => !neighbourhood.places.has(xid)).length,
        0,
      ),
      growth: growthOf(plans),
      ...countsOf(plans),
    };
  }

  private bites({ members }: GraphGroup, { identities }: Neighbourhood, unique: LinkingRules['unique']): boolean {
    const namespaces = new Map(members.map((xid) => [xid, identities.get(xid)?.namespace ?? '']));
    return isContested(members, namespaces, { unique }, this.limits);
  }

  /** Both ends of a link are in one component, so a search by either end finds all. */
  private async readLinks(
    tenant: string,
    groups: readonly GraphGroup[],
    session: ClientSession,
  ): Promise<Map<GraphGroup, LinkDocument[]>> {
    const links = new Map<GraphGroup, LinkDocument[]>();
    if (groups.length === 0) return links;
    const groupOf = new Map(groups.flatMap((group) => group.members.map((xid) => [xid, group] as const)));
    const found = this.collections.links.find(
      { tenant, a: { $in: [...groupOf.keys()] } },
      { session, batchSize: LARGE },
    );
    for (const link of await found.toArray()) {
      const group = groupOf.get(link.a);
      if (!group) continue;
      const known = links.get(group);
      if (known) known.push(link);
      else links.set(group, [link]);
    }
    return links;
  }

  /** Ids of the groups' new links that somebody else has stored meanwhile, or that are only to be considered again. */
  private async storedAmong(
    tenant: string,
    groups: readonly GraphGroup[],
    session: ClientSession,
  ): Promise<Set<string>> {
    const ids = groups.flatMap((group) => group.links.map(({ id }) => id));
    if (ids.length === 0) return new Set();
    const query = { tenant, _id: { $in: ids } };
    const options = { session, projection: { _id: 1 }, hint: BY_ID, batchSize: ids.length + 1 };
    return new Set((await this.collections.links.find(query, options).toArray()).map(({ _id }) => _id));
  }

  private async typesIn(tenant: Tenant, groups: readonly GraphGroup[], { identities }: Neighbourhood) {
    const members = groups.flatMap((group) => group.members);
    const codes = new Set(members.flatMap((xid) => identities.get(xid)?.namespace ?? []));
    const types = await this.namespaces.typesOf(tenant, codes);
    return [...types].map(([code, idType]) => ({ code, idType }));
  }

  /** Kept in the same transaction, so that no change goes unannounced when its announcer dies (spec 01-concepts, guarantee 7). */
  private async keepForAnnouncement(
    tenant: Tenant,
    changes: readonly ProfileChange[],
    session: ClientSession,
  ): Promise<string | undefined> {
    if (changes.length === 0) return undefined;
    const { organisation, sandbox } = tenant;
    const _id = randomUUID();
    await this.collections.announcements.insertOne(
      { _id, tenant: tenantKey(tenant), organisation, sandbox, at: new Date(), changes },
      { session },
    );
    return _id;
  }
}

function placesIn(plans: readonly GroupPlan[]): Map<string, Pick<Place, 'clusterId' | 'members'>> {
  const places = new Map<string, Pick<Place, 'clusterId' | 'members'>>();
  for (const members of plans.flatMap(({ components }) => components.flatMap(({ clusters }) => clusters))) {
    const place = { clusterId: members[0] ?? '', members };
    for (const xid of members) places.set(xid, place);
  }
  return places;
}

type Counted = 'leftOut' | 'evicted' | 'dropped' | 'withdrawn';

function countsOf(plans: readonly GroupPlan[]): Pick<GraphTransactionResult, Counted> {
  const sum = (count: (plan: GroupPlan) => number) => plans.reduce((total, plan) => total + count(plan), 0);
  return {
    leftOut: sum(({ leftOut }) => leftOut),
    evicted: sum(({ evicted }) => evicted),
    dropped: sum(({ dropped }) => dropped),
    withdrawn: sum(({ withdrawn }) => withdrawn),
  };
}

function growthOf(plans: readonly GroupPlan[]): PeopleCount {
  return plans.reduce((total, { clusters, identities }) => sumOfCounts(total, { clusters, identities }), NOBODY);
}
