import type { Collection, Document, FindCursor } from 'mongodb';
import { tenantKey, type Identity, type Tenant } from '@tessera/contracts';
import { XID_SAMPLE_SHARE, xidSample, type IdentityGraphType, type XidRange } from '@tessera/domain';
import type { Database } from '../database.js';
import type { FragmentDocument } from '../fragments/fragment-document.js';
import type { IdentityDocument } from '../identity-graph/graph-documents.js';
import type { StoredFragment } from '../profile-reads/fragment-reader.js';
import { within } from '../xid-sweep.js';
import { scannedFragment, scannedIdentity, type ScannedIdentity } from './scanned-documents.js';
import { Snapshots, type Snapshot, type SnapshotRead } from './snapshots.js';

/** A fragment that says something of a person; its record only where bodies were asked for. */
export type ScannedFragment = StoredFragment & Pick<FragmentDocument, 'acceptedAt'>;

/** One person: a cluster, or one identity where people are not stitched. */
export interface ScannedPerson {
  /** The smallest of `xids`. */
  readonly clusterId: string;
  readonly xids: readonly string[];
  /** Those of the identities that are known by value: all, unless the graph has not seen the person yet. */
  readonly members: readonly Identity[];
  /** XIDs of the identity's whole cluster, where people are not stitched and clusters were asked for. */
  readonly cluster?: readonly string[];
  /** In no order; none of business entities, none that is deleted. May be empty. */
  readonly fragments: readonly ScannedFragment[];
}

export interface PeopleScanRequest {
  /** People whose cluster id, or identity, lies in the range. */
  readonly range: XidRange;
  /** `none`: every identity is a person of its own. */
  readonly graph: IdentityGraphType;
  /** When to read: the same for all ranges of one scan, however often one is begun again. */
  readonly snapshot: Snapshot;
  /** Whether to read what fragments say, and not only whose and how old they are. */
  readonly bodies: boolean;
  /** Whether to read, where people are not stitched, with whom the graph would stitch them. */
  readonly clusters?: boolean;
  readonly signal?: AbortSignal;
}

export interface PeopleScanOptions {
  /** Identities of a page at most. */
  readonly pageSize?: number;
  /** Characters of records after which a page counts as too large and is read in halves; a single person is read whole. */
  readonly mostCharacters?: number;
}

/** A page, and where the next one begins. */
interface PageRead {
  readonly people: ScannedPerson[];
  readonly after: string | undefined;
  readonly characters: number;
}

/** Fragments of one answer of the server, unless they are 16 MB before: waiting for many answers takes longer. */
const FRAGMENT_BATCH = 10_000;

const TOO_LARGE = Symbol('page too large');

/**
 * Reads the people of a sandbox in the order of their XIDs, up to a thousand at a time: for the platform's long work, which
 * looks at everybody. Holds two pages at once, whatever the number of people. Cluster ids are the smallest member's XID,
 * so every person is in exactly one range, and the same in every read of a snapshot.
 */
export class PeopleScan {
  private readonly identities: Collection<IdentityDocument>;
  private readonly fragments: Collection<FragmentDocument>;
  private readonly snapshots: Snapshots;
  private readonly pageSize: number;
  private readonly mostCharacters: number;

  constructor(database: Database, { pageSize = 1_000, mostCharacters = 8_388_608 }: PeopleScanOptions = {}) {
    this.identities = database.collection('identities');
    this.fragments = database.collection('fragments');
    this.snapshots = new Snapshots(database);
    this.pageSize = pageSize;
    this.mostCharacters = mostCharacters;
  }

  /** About how many identities the sandbox had, without counting all of them. @throws SnapshotExpiredError, UnavailableError. */
  async estimate(tenant: Tenant, snapshot: Snapshot): Promise<number> {
    const sample = { tenant: tenantKey(tenant), _id: within(xidSample) };
    const counted = await this.snapshots.with(snapshot, (read) => this.identities.countDocuments(sample, { ...read }));
    return Math.round(counted / XID_SAMPLE_SHARE);
  }

  /**
   * The people of a range. The next page is read while the caller works on one.
   *
   * @throws SnapshotExpiredError, UnavailableError, or the signal's reason.
   */
  async *pages(tenant: Tenant, request: PeopleScanRequest): AsyncGenerator<readonly ScannedPerson[]> {
    let size = this.pageSize;
    const read = async (after: string): Promise<PageRead> => {
      for (;;) {
        request.signal?.throwIfAborted();
        const page = await this.snapshots.with(request.snapshot, (at) => this.page(tenant, request, after, size, at));
        if (page === TOO_LARGE) {
          size = Math.ceil(size / 2);
          continue;
        }
        if (page.characters < this.mostCharacters / 4) size = Math.min(size * 2, this.pageSize);
        return page;
      }
    };
    let next: Promise<PageRead> | undefined = read(request.range.after);
    while (next !== undefined) {
      const page: PageRead = await next;
      next = page.after === undefined ? undefined : read(page.after);
      // Seen by whoever goes on; a caller that stops has no use for it.
      next?.catch(() => undefined);
      if (page.people.length > 0) yield page.people;
    }
  }

  private async page(
    tenant: Tenant,
    { range, graph, bodies, clusters = false, signal }: PeopleScanRequest,
    after: string,
    size: number,
    read: SnapshotRead,
  ): Promise<PageRead | typeof TOO_LARGE> {
    const key = tenantKey(tenant);
    const found = this.identities
      .find(
        { tenant: key, _id: within({ ...range, after }) },
        {
          ...{ ...read, projection: identityProjection(graph, clusters), batchSize: size + 1, raw: true },
          ...(signal && { signal }),
        },
      )
      .sort({ _id: 1 })
      .limit(size);
    const identities = (await rawDocuments(found).toArray()).map(scannedIdentity);
    const last = identities.length < size ? undefined : identities.at(-1)?.xid;
    const people = graph === 'none' ? identities.map(alone) : identities.filter(isHead).map(cluster);
    const others = graph === 'none' ? [] : identities.filter((one) => !isHead(one)).map(({ xid }) => xid);
    const upTo = last === undefined ? within({ ...range, after }) : { $gt: after, $lte: last };
    const mostCharacters = size > 1 ? this.mostCharacters : Infinity;
    const [inRange, elsewhere] = await Promise.all([
      // A stretch of the index rather than a seek for each. Those whose identity the graph has not seen yet are in it, too.
      this.findFragments(key, { ...upTo, ...(others.length > 0 && { $nin: others }) }, bodies, mostCharacters, read),
      this.findFragments(key, { $in: people.flatMap(withoutHead) }, bodies, mostCharacters, read),
    ]);
    const characters = inRange.characters + elsewhere.characters;
    if (characters > mostCharacters) return TOO_LARGE;
    const byXid = Map.groupBy([...inRange.fragments, ...elsewhere.fragments], ({ xid }) => xid);
    const seen = new Set(people.flatMap(({ xids }) => xids));
    const unseen = [...byXid].filter(([xid]) => !seen.has(xid));
    const scanned = [
      ...people.map((person) => ({ ...person, fragments: person.xids.flatMap((xid) => byXid.get(xid) ?? []) })),
      // A lookup takes an identity that the graph has not seen yet for a person of its own as well.
      ...unseen.map(([xid, fragments]) => ({ clusterId: xid, xids: [xid], members: [], fragments })),
    ];
    if (unseen.length > 0) scanned.sort((a, b) => (a.clusterId < b.clusterId ? -1 : 1));
    return { people: scanned, after: last, characters };
  }

  /** Stops reading once it is clear that the page is too large. */
  private async findFragments(
    tenant: string,
    xid: Document,
    bodies: boolean,
    mostCharacters: number,
    read: SnapshotRead,
  ): Promise<{ readonly fragments: ScannedFragment[]; readonly characters: number }> {
    const fragments: ScannedFragment[] = [];
    let characters = 0;
    if (Array.isArray(xid['$in']) && xid['$in'].length === 0) return { fragments, characters };
    const cursor = rawDocuments(
      this.fragments.find(
        { tenant, xid, deleted: { $exists: false }, schema: { $exists: false } },
        { ...read, projection: bodies ? bodyProjection : ageProjection, batchSize: FRAGMENT_BATCH, raw: true },
      ),
    );
    for await (const first of cursor) {
      // What has arrived is taken at once: waiting for each would take longer than reading it.
      for (const bytes of [first, ...cursor.readBufferedDocuments()]) {
        const fragment = scannedFragment(bytes);
        fragments.push(fragment);
        characters += fragment.body?.length ?? 0;
      }
      if (characters > mostCharacters) break;
    }
    return { fragments, characters };
  }
}

/** Only what is used: every field costs decoding. */
const ageProjection = { _id: 0, datasetId: 1, xid: 1, age: 1, version: 1, acceptedAt: 1 };
const bodyProjection = { ...ageProjection, body: 1, fieldVersions: 1 };

/** The roster of a cluster is read once, with its head. */
function identityProjection(graph: IdentityGraphType, clusters: boolean): Document {
  if (graph === 'none') return { namespace: 1, id: 1, ...(clusters && { 'members.xid': 1 }) };
  return { clusterId: 1, members: { $cond: [{ $eq: ['$_id', '$clusterId'] }, '$members', '$$REMOVE'] } };
}

function isHead({ xid, clusterId }: ScannedIdentity): boolean {
  return xid === clusterId;
}

function cluster({ clusterId, members = [] }: ScannedIdentity): Omit<ScannedPerson, 'fragments'> {
  return { clusterId, xids: members.map(({ xid }) => xid), members };
}

function withoutHead({ clusterId, xids }: Pick<ScannedPerson, 'clusterId' | 'xids'>): string[] {
  return xids.filter((xid) => xid !== clusterId);
}

function alone({ xid, namespace, id, members }: ScannedIdentity): Omit<ScannedPerson, 'fragments'> {
  const person = { clusterId: xid, xids: [xid], members: [{ xid, namespace, id }] };
  return members === undefined ? person : { ...person, cluster: members.map((member) => member.xid) };
}

/** A cursor with the option `raw` has documents as they came, whatever its type says. */
function rawDocuments(cursor: unknown): FindCursor<Buffer> {
  return cursor as FindCursor<Buffer>;
}
