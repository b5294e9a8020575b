import { tenantKey, type IdentityEvidence, type Tenant } from '@tessera/contracts';
import { ageStepOf, foldEvidence, type FoldedEvidence, type FoldedLink } from '@tessera/domain';
import { available, BY_ID, unorderedBulk } from '../bulk.js';
import type { Database } from '../database.js';
import { PeopleCounter, sumOfCounts } from '../samples/people-counter.js';
import { inSlices } from '../slices.js';
import { tasksFor } from './evidence-tasks.js';
import { graphCollections, type GraphCollections } from './graph-collections.js';
import type { Place } from './graph-neighbourhood.js';
import type { LinkDocument } from './graph-documents.js';
import { FoldedChanges, type GraphResult } from './graph-result.js';
import { GraphTaskRunner, type IdentityGraphOptions } from './graph-task-runner.js';
import { IdentitySettingsRepository } from './identity-settings.js';
import { widenings } from './link-update.js';

/** Adds evidence to the identity graphs of sandboxes. */
export interface IdentityGraphWriter {
  /**
   * Stores what some evidence of one tenant says, and who is who by it. All of it may be repeated and may come in any
   * order; several workers may do so at once, about the same people.
   *
   * @returns everyone whom the evidence names, as they are now, and whoever else changed with them.
   * @throws UnavailableError when the store is, or while others keep changing the same people; some of it may be done.
   */
  apply(tenant: Tenant, evidence: readonly IdentityEvidence[]): Promise<GraphResult>;
}

/**
 * The identity graph in MongoDB.
 *
 * What is known costs little: identities are looked up in one read, known links have their evidence widened in one bulk
 * write. Only new links, and links where a limit or a rule bites, go through transactions. The evidence is widened before
 * the identities are read, and a transaction that makes a component contested writes its links: so a refresh is either
 * seen by that transaction, or sees that it has to resolve the component itself.
 */
export class MongoIdentityGraphWriter implements IdentityGraphWriter {
  private readonly collections: GraphCollections;
  private readonly tasks: GraphTaskRunner;
  private readonly settings: IdentitySettingsRepository;
  private readonly people: PeopleCounter;

  constructor(
    private readonly database: Database,
    options: IdentityGraphOptions,
  ) {
    this.collections = graphCollections(database);
    this.tasks = new GraphTaskRunner(database, options);
    this.settings = new IdentitySettingsRepository(database);
    this.people = new PeopleCounter(database);
  }

  async apply(tenant: Tenant, evidence: readonly IdentityEvidence[]): Promise<GraphResult> {
    const folded = foldEvidence(evidence);
    const unknown = await this.widenKnown(tenant, [...folded.links.values()]);
    const { places, vanishing } = await this.readPlaces(tenant, [...folded.identities.keys()]);
    const { tasks, weights, concerned } = tasksFor(folded, unknown, places);
    const alone = [...folded.identities.keys()].filter((xid) => !places.has(xid) && !concerned.has(xid));
    const kept = await this.keep(tenant, vanishing, folded);
    const registered = kept + (await this.register(tenant, alone, folded));
    const done = await this.tasks.run(tenant, tasks, (task) => weights.get(task) ?? 1);
    await this.people.add(tenant, sumOfCounts(done.growth, { clusters: registered, identities: registered }));

    const changes = new FoldedChanges();
    for (const change of done.changes) changes.add(change);
    for (const [xid, { acceptedAt }] of folded.identities) {
      const place = done.places.get(xid) ?? places.get(xid);
      changes.touch(place?.clusterId ?? xid, place?.members ?? [xid], acceptedAt);
    }
    return {
      changes: changes.all(),
      announcements: done.announcements,
      sizes: done.changes.map(({ members }) => members.length),
      counts: {
        ...done.counts,
        registered: registered + done.counts.registered,
        refreshed: folded.links.size - unknown.size,
        linked: unknown.size,
      },
    };
  }

  /**
   * Widens the evidence of the links that exist, as far as it says something new.
   *
   * @returns the ids of those that do not.
   */
  private async widenKnown(tenant: Tenant, links: readonly FoldedLink[]): Promise<Set<string>> {
    const key = tenantKey(tenant);
    if (links.length === 0) return new Set();
    const ageStep = ageStepOf(await this.settings.get(tenant));
    const projection = evidenceAsked(links);
    for (;;) {
      const unknown = new Set(links.map(({ id }) => id));
      const stored = await inSlices([...unknown], (ids) =>
        available(
          this.collections.links
            .find({ tenant: key, _id: { $in: ids } }, { projection, hint: BY_ID, batchSize: ids.length + 1 })
            .toArray(),
        ),
      );
      const known = new Map(stored.map((link) => [link._id, link]));
      for (const id of known.keys()) unknown.delete(id);
      const widened = links.filter((link) => {
        const current = known.get(link.id);
        return current !== undefined && saysSomethingNew(link, current, ageStep);
      });
      if (widened.length === 0) return unknown;
      const counts = await inSlices(
        widened,
        async (some) => {
          const { count } = await available(this.database.write('links', { updates: widenings(key, some) }));
          return [count];
        },
        WIDENED_AT_ONCE,
      );
      const nobodyDeletedAny = counts.reduce((sum, count) => sum + count, 0) === widened.length;
      if (nobodyDeletedAny) return unknown;
    }
  }

  protected async readPlaces(
    tenant: Tenant,
    xids: readonly string[],
  ): Promise<{ readonly places: Map<string, Place>; readonly vanishing: readonly string[] }> {
    const projection = { clusterId: 1, componentId: 1, contested: 1, vanishing: 1, 'members.xid': 1 };
    const documents = await inSlices(xids, (some) =>
      available(
        this.collections.identities
          .find(
            { tenant: tenantKey(tenant), _id: { $in: some } },
            { projection, hint: BY_ID, batchSize: some.length + 1 },
          )
          .toArray(),
      ),
    );
    const places = new Map(
      documents.map(({ _id, clusterId, componentId, contested, members }) => [
        _id,
        { clusterId, componentId, contested, members: members.map(({ xid }) => xid) },
      ]),
    );
    return { places, vanishing: documents.filter((document) => document.vanishing).map(({ _id }) => _id) };
  }

  /**
   * Keeps identities that are about to be removed because nobody spoke of them.
   *
   * @returns how many were removed before, and are registered anew.
   */
  private async keep(tenant: Tenant, xids: readonly string[], folded: FoldedEvidence): Promise<number> {
    if (xids.length === 0) return 0;
    const filter = { tenant: tenantKey(tenant), _id: { $in: [...xids] } };
    for (let registered = 0; ;) {
      const { matchedCount } = await available(
        this.collections.identities.updateMany(filter, { $unset: { vanishing: '' } }),
      );
      if (matchedCount === xids.length) return registered;
      registered += await this.register(tenant, xids, folded);
    }
  }

  /** Stores identities that nothing links. Somebody else may be faster, and may even have linked them: then that stands. */
  private async register(tenant: Tenant, xids: readonly string[], { identities }: FoldedEvidence): Promise<number> {
    const documents = xids
      .flatMap((xid) => identities.get(xid)?.identity ?? [])
      .map((identity) => ({
        _id: identity.xid,
        tenant: tenantKey(tenant),
        namespace: identity.namespace,
        id: identity.id,
        componentId: identity.xid,
        clusterId: identity.xid,
        contested: false,
        members: [identity],
      }));
    const taken = await unorderedBulk(
      this.collections.identities,
      documents.map((document) => ({ insertOne: { document } })),
    );
    return documents.length - taken.length;
  }
}

/** Links of one command, which takes 16 MB: room for some kilobytes of each where all learn something else. */
const WIDENED_AT_ONCE = 5_000;

/** Pieces of evidence that are named one by one when links are read. */
const MOST_NAMED = 20;

/**
 * What to read of links: a link may have the evidence of thousands of batches, and what is written at once is mostly of one
 * or two. All of it where it is of many.
 */
function evidenceAsked(links: readonly FoldedLink[]): Record<string, 1> {
  const keys = new Set<string>();
  for (const { evidence } of links) {
    for (const key of evidence.keys()) keys.add(key);
    if (keys.size > MOST_NAMED) return { evidence: 1 };
  }
  const times = [...keys].flatMap((key) => [`evidence.${key}.first`, `evidence.${key}.last`]);
  return Object.fromEntries(times.map((path) => [path, 1 as const]));
}

/** Whether a link would learn of an assertion it does not know, or of an older one, or of one that is newer by a step. */
function saysSomethingNew(
  { evidence }: FoldedLink,
  { evidence: known = {} }: Partial<Pick<LinkDocument, 'evidence'>>,
  ageStep: number,
): boolean {
  return [...evidence].some(([key, { first, last }]) => {
    const current = known[key];
    if (current === undefined || first < current.first) return true;
    return Math.floor(last / ageStep) > Math.floor(current.last / ageStep);
  });
}
