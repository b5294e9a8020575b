import type { Tenant } from '@tessera/contracts';
import { ExportRows, xidRanges, type ExportedEvent, type ExportOrder, type Fragment } from '@tessera/domain';
import {
  FencedOff,
  parseFragments,
  type EventCounts,
  type ExportPart,
  type ExportPlan,
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

/** A person who is wanted, as far as their records tell. */
interface Candidate {
  readonly xids: readonly string[];
  readonly row: ExportedRow;
  readonly isEmpty: boolean;
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
    const { graph } = order.policy;
    for await (const people of this.parts.scan.pages(tenant, {
      ...{ range, graph, signal },
      snapshot: order.snapshot,
      bodies: true,
    })) {
      const candidates = people.flatMap((person) => candidateOf(rows, person, fenced, plan.visibility.now));
      const wanted = await this.withEventsIfEmpty(work, candidates);
      if (order.events === undefined) yield wanted.map(({ row }) => row);
      else yield* this.withEvents(work, wanted, rows, fenced);
    }
  }

  /** Empty profiles are of people who are known by some event. */
  private async withEventsIfEmpty({ tenant, order, plan }: PartWork, candidates: Candidate[]): Promise<Candidate[]> {
    const empty = candidates.filter(({ isEmpty }) => isEmpty);
    if (empty.length === 0) return candidates;
    const xids = empty.flatMap((candidate) => candidate.xids);
    const fenced = new FencedOff(plan.fences);
    const counted = await this.parts.counts.of(tenant, xids, visibilityOf(plan), order.snapshot);
    const seen = new Set(counted.filter((group) => !fenced.has(group)).flatMap((group) => group.xids));
    return candidates.filter(({ isEmpty, xids: own }) => !isEmpty || own.some((xid) => seen.has(xid)));
  }

  private async *withEvents(
    { tenant, order, plan }: PartWork,
    candidates: readonly Candidate[],
    rows: ExportRows,
    fenced: FencedOff,
  ): AsyncGenerator<readonly ExportedRow[]> {
    const { acceptedAfter } = order.events ?? {};
    const request = {
      snapshot: order.snapshot,
      visibility: visibilityOf(plan),
      ...(acceptedAfter !== undefined && { acceptedAfter }),
    };
    for await (const some of this.parts.events.of(tenant, candidates, request)) {
      yield some.map(({ person: { row }, events }) => {
        const visible = events.filter((event) => !fenced.has(event));
        return {
          ...row,
          events: visible.map((event) => rows.event(event)),
          weight: row.weight + weightOf(visible),
        };
      });
    }
  }
}

/** @param snapshotAt epoch ms: who was deleted later is not named any more. */
function candidateOf(rows: ExportRows, person: ScannedPerson, fenced: FencedOff, snapshotAt: number): Candidate[] {
  const stored = person.fragments.filter((fragment) => !fenced.has(fragment));
  const members = person.members.filter(({ xid }) => fenced.person(xid) < snapshotAt);
  const made = rows.row({ members, fragments: stored.flatMap(parsed) });
  if (made === undefined) return [];
  const weight = stored.reduce((sum, { body = '' }) => sum + body.length, ROW_WEIGHT);
  return [{ xids: person.xids, row: { profile: made.row, weight }, isEmpty: made.isEmpty }];
}

function parsed(stored: ScannedFragment): (Fragment & { readonly acceptedAt: number })[] {
  return parseFragments([stored]).map((fragment) => Object.assign(fragment, { acceptedAt: stored.acceptedAt }));
}

function visibilityOf({ visibility, fences }: ExportPlan): ExportPlan['visibility'] {
  return { ...visibility, hidden: [...visibility.hidden, ...new FencedOff(fences).batchIds] };
}

function weightOf(events: readonly ExportedEvent[]): number {
  return events.reduce((sum, { body }) => sum + body.length, 0);
}
