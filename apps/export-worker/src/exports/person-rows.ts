import type { Identity, JsonObject, Tenant } from '@tessera/contracts';
import {
  ExportRows,
  xidRanges,
  xidsInScope,
  type ExportedEvent,
  type ExportedFragment,
  type ExportOrder,
} from '@tessera/domain';
import {
  FencedOff,
  parseFragments,
  type ComputedAttributeReader,
  type EventCounts,
  type ExportPart,
  type ExportPlan,
  type PastAttributes,
  type PersonAsked,
  type PeopleScan,
  type PersonEvents,
  type ScannedFragment,
  type ScannedPerson,
} from '@tessera/stores';
import type { ExportedRow } from '../files/row-encoder.js';

export interface PersonRowsParts {
  readonly scan: PeopleScan;
  readonly counts: EventCounts;
  readonly events: PersonEvents;
  readonly attributes: Pick<ComputedAttributeReader, 'at'>;
}

/** What a part is about. */
export interface PartWork {
  readonly tenant: Tenant;
  readonly order: ExportOrder;
  readonly plan: ExportPlan;
  readonly part: ExportPart;
  readonly signal: AbortSignal;
}

/** What a row weighs besides its records. */
const ROW_WEIGHT = 200;
/** People whose profiles are in memory at once, of a page that was read: few, so that most of what is made dies young. */
const PEOPLE_AT_ONCE = 100;
/** People whose computed attributes are read at once: there may be many events behind each. */
const COMPUTED_AT_ONCE = 200;

/** A person who is wanted, as far as their records tell. */
interface Candidate {
  readonly person: ScannedPerson;
  readonly members: readonly Identity[];
  readonly entity: JsonObject;
  readonly weight: number;
  readonly onlyWithEventAfter?: number;
}

/** Makes the rows of a part out of people and their events, page by page. */
export class PersonRows {
  constructor(private readonly parts: PersonRowsParts) {}

  /** @throws SnapshotExpiredError, UnavailableError, or the signal's reason. */
  async *pages(work: PartWork): AsyncGenerator<readonly ExportedRow[]> {
    const { tenant, order, plan, part, signal } = work;
    const range = xidRanges(plan.ranges)[part.range];
    const output = order.outputs[part.output];
    if (range === undefined || output === undefined) return;
    const rows = new ExportRows(order, output);
    const fenced = new FencedOff(plan.fences);
    const attributes = await this.attributes(work, rows, fenced);
    const { graph } = order.policy;
    for await (const people of this.parts.scan.pages(tenant, {
      ...{ range, graph, signal },
      snapshot: order.snapshot,
      bodies: true,
      clusters: attributes !== undefined && rows.computed?.graph !== 'none',
    })) {
      for (let from = 0; from < people.length; from += PEOPLE_AT_ONCE) {
        const some = people.slice(from, from + PEOPLE_AT_ONCE);
        const candidates = some.flatMap((person) => candidateOf(rows, person, fenced, plan.visibility.now));
        const wanted = await this.withEventsIfEmpty(work, candidates);
        for await (const page of rowsOf(rows, wanted, attributes)) {
          if (order.events === undefined) yield page;
          else yield* this.withEvents(work, page, rows, fenced);
        }
      }
    }
  }

  /** Undefined where there are none, or none are wanted. */
  private async attributes(
    { tenant, order: { snapshot }, plan }: PartWork,
    { computed }: ExportRows,
    gone: FencedOff,
  ): Promise<PastAttributes | undefined> {
    if (computed === undefined) return undefined;
    return this.parts.attributes.at(tenant, { snapshot, seen: { ...visibilityOf(plan), now: computed.now, gone } });
  }

  /** Empty profiles are of people who are known by some event. */
  private async withEventsIfEmpty({ tenant, order, plan }: PartWork, candidates: Candidate[]): Promise<Candidate[]> {
    const empty = candidates.filter(({ onlyWithEventAfter }) => onlyWithEventAfter !== undefined);
    if (empty.length === 0) return candidates;
    const xids = empty.flatMap(({ person }) => person.xids);
    const fenced = new FencedOff(plan.fences);
    const counted = await this.parts.counts.of(tenant, xids, visibilityOf(plan), order.snapshot);
    const newest = new Map<string, number>();
    for (const group of counted) {
      if (fenced.has(group)) continue;
      for (const xid of group.xids) newest.set(xid, Math.max(newest.get(xid) ?? 0, group.acceptedAt));
    }
    return candidates.filter(
      ({ onlyWithEventAfter: after, person }) =>
        after === undefined || person.xids.some((xid) => (newest.get(xid) ?? -Infinity) > after),
    );
  }

  private async *withEvents(
    { tenant, order, plan }: PartWork,
    people: readonly PersonRow[],
    rows: ExportRows,
    fenced: FencedOff,
  ): AsyncGenerator<readonly ExportedRow[]> {
    const { acceptedAfter } = order.events ?? {};
    const request = {
      snapshot: order.snapshot,
      visibility: visibilityOf(plan),
      ...(acceptedAfter !== undefined && { acceptedAfter }),
    };
    for await (const some of this.parts.events.of(tenant, people, request)) {
      yield some.map(({ person: row, events }) => {
        const visible = events.filter((event) => !fenced.has(event));
        return {
          profile: row.profile,
          events: visible.map((event) => rows.event(event)),
          weight: row.weight + weightOf(visible),
        };
      });
    }
  }
}

/** A row and whose it is. */
interface PersonRow extends ExportedRow {
  readonly xids: readonly string[];
}

/** The rows of people, those with computed attributes some at a time. */
async function* rowsOf(
  rows: ExportRows,
  people: readonly Candidate[],
  attributes: PastAttributes | undefined,
): AsyncGenerator<readonly PersonRow[]> {
  const size = attributes === undefined ? people.length : COMPUTED_AT_ONCE;
  for (let from = 0; from < people.length; from += size) {
    const some = people.slice(from, from + size);
    const values = await attributes?.valuesOf(some.map((one) => askedOf(rows, one)));
    yield some.map(({ person: { clusterId, xids }, entity, members, weight }) => {
      return { xids, profile: rows.row(entity, members, values?.get(clusterId)), weight };
    });
  }
}

/** Whose events count is for the default policy to say, whichever one the profile is merged by. */
function askedOf({ computed }: ExportRows, { person, entity }: Candidate): PersonAsked {
  const { clusterId, xids, cluster = xids } = person;
  return { clusterId, members: xidsInScope(computed?.graph ?? 'none', clusterId, cluster), profile: entity };
}

/** @param snapshotAt epoch ms: who was deleted later is not named any more. */
function candidateOf(rows: ExportRows, person: ScannedPerson, fenced: FencedOff, snapshotAt: number): Candidate[] {
  const stored = person.fragments.filter((fragment) => !fenced.has(fragment));
  const profile = rows.profile(stored.flatMap(parsed));
  if (profile === undefined) return [];
  const members = person.members.filter(({ xid }) => fenced.person(xid) < snapshotAt);
  const weight = stored.reduce((sum, { body = '' }) => sum + body.length, ROW_WEIGHT);
  return [{ person, members, ...profile, weight }];
}

function parsed(stored: ScannedFragment): ExportedFragment[] {
  return parseFragments([stored]).map((fragment) => Object.assign(fragment, { acceptedAt: stored.acceptedAt }));
}

function visibilityOf({ visibility, fences }: ExportPlan): ExportPlan['visibility'] {
  return { ...visibility, hidden: [...visibility.hidden, ...new FencedOff(fences).batchIds] };
}

function weightOf(events: readonly ExportedEvent[]): number {
  return events.reduce((sum, { body }) => sum + body.length, 0);
}
