import type { Collection } from 'mongodb';
import { tenantKey, type JsonObject, type JsonValue, type Tenant } from '@tessera/contracts';
import { available } from '../bulk.js';
import type { Database } from '../database.js';
import { EventVisibilityReader, type EventVisibility } from '../profile-reads/event-visibility.js';
import { AttributePrograms } from './attribute-programs.js';
import { ComputedAttributeStore } from './computed-attribute-store.js';
import { CountedEvents, type CountedEvent, type EventsWanted } from './counted-events.js';
import { DAY, figuresId, figuresKeyOf, type FiguresDocument } from './figures-document.js';
import { asked, useOf, valueFor, type AskedAttribute, type Figures } from './person-values.js';

/** Whose values are asked for. */
export interface PersonAsked {
  /** What the answer is found by: the cluster's id, or anything else that tells the people of one call apart. */
  readonly clusterId: string;
  /** XIDs of all identities that are the person under the policy; the policy of computed attributes is the default one. */
  readonly members: readonly string[];
  /** The person's merged attributes; expressions that read them see none where it is absent. */
  readonly profile?: JsonObject;
}

/** Events of one person that an expression may be evaluated over when daily figures do not suffice. */
const MOST_WHOLE = 5_000;

const projection = { tenant: 0, wanted: 0, computed: 0, minutes: 0 };

/**
 * The values of computed attributes, as they are at the moment of asking: figures of each day, and the events behind them
 * where a window cuts a day, or where figures have not been counted anew yet. A handful of queries whatever the number of
 * people.
 */
export class ComputedAttributeReader {
  private readonly figures: Collection<FiguresDocument>;
  private readonly events: CountedEvents;
  private readonly visibility: EventVisibilityReader;
  private readonly attributes: ComputedAttributeStore;
  private readonly programs = new AttributePrograms();

  constructor(database: Database) {
    this.figures = database.collection('computed_figures');
    this.events = new CountedEvents(database);
    this.visibility = new EventVisibilityReader(database);
    this.attributes = new ComputedAttributeStore(database);
  }

  /**
   * What computed attributes say about some people.
   *
   * @param now epoch ms.
   * @returns for each person an object from the names of the sandbox's processed attributes to their values, bare of those
   * that have none. In a profile it stands at `_<tenant>.ComputedAttributes` (spec 11).
   * @throws UnavailableError
   */
  async valuesOf(
    tenant: Tenant,
    people: readonly PersonAsked[],
    now: number = Date.now(),
  ): Promise<Map<string, JsonObject>> {
    const processed = await this.attributes.active(tenant, ['PROCESSED']);
    if (processed.length === 0 || people.length === 0) {
      return new Map(people.map(({ clusterId }): [string, JsonObject] => [clusterId, {}]));
    }
    const attributes = processed.map((attribute) => asked(attribute, this.programs.of(attribute), now));
    const [figures, current] = await Promise.all([
      this.figuresOf(tenant, people, attributes),
      available(this.visibility.read(tenant)),
    ]);
    const visibility = { ...current, now };
    const { byFigures, byXid } = await this.eventsOf(tenant, { people, attributes, figures, visibility });
    const figuresByXid = groupByXid(figures);
    return new Map(
      people.map(({ clusterId, members, profile = {} }): [string, JsonObject] => {
        const own = ofMembers(figuresByXid, members);
        const whole = ofMembers(byXid, members);
        const person = {
          figures: own,
          events: byFigures,
          whole: whole.length > MOST_WHOLE ? undefined : whole,
          profile,
        };
        const values = attributes.flatMap((attribute): [string, JsonValue][] => {
          const value = valueFor(attribute, person, visibility);
          return value === undefined ? [] : [[attribute.attribute.name, value]];
        });
        return [clusterId, Object.fromEntries(values)];
      }),
    );
  }

  private async figuresOf(
    tenant: Tenant,
    people: readonly PersonAsked[],
    attributes: readonly AskedAttribute[],
  ): Promise<readonly Figures[]> {
    const incremental = attributes.filter(({ program }) => program.incremental);
    if (incremental.length === 0) return [];
    const from = Math.min(...incremental.map(({ window }) => window.from)) - DAY;
    const to = Math.max(...incremental.map(({ window }) => window.to));
    const xids = [...new Set(people.flatMap(({ members }) => members))];
    const filter = { tenant: tenantKey(tenant), xids: { $in: xids }, day: { $gt: from, $lt: to } };
    return available(this.figures.find(filter, { projection }).toArray());
  }

  /** The events that figures do not suffice for, by figures and by identity, in one query. */
  private async eventsOf(
    tenant: Tenant,
    { people, attributes, figures, visibility }: Reading,
  ): Promise<{ byFigures: Map<string, CountedEvent[]>; byXid: Map<string, CountedEvent[]> }> {
    const incremental = attributes.filter(({ program }) => program.incremental);
    const others = attributes.filter(({ program }) => !program.incremental);
    const cut = figures.filter((some) => incremental.some((one) => useOf(some, one, visibility) === 'events'));
    const wanted: EventsWanted[] = [...Map.groupBy(cut, ({ day }) => day)].map(([day, some]) => ({
      xids: some.map(({ xids }) => xids[0] ?? ''),
      interval: { from: day, to: day + DAY },
    }));
    const interval = {
      from: Math.min(...others.map(({ window }) => window.from)),
      to: Math.max(...others.map(({ window }) => window.to)),
    };
    if (others.length > 0) wanted.push({ xids: people.flatMap(({ members }) => members), interval });
    const events = await this.events.find(tenant, wanted, visibility);
    return {
      byFigures:
        cut.length === 0
          ? new Map<string, CountedEvent[]>()
          : Map.groupBy(events, (event) => figuresId(tenant, figuresKeyOf(event))),
      byXid: others.length === 0 ? new Map<string, CountedEvent[]>() : groupByXid(events),
    };
  }
}

interface Reading {
  readonly people: readonly PersonAsked[];
  readonly attributes: readonly AskedAttribute[];
  readonly figures: readonly Figures[];
  readonly visibility: EventVisibility;
}

function groupByXid<One extends { readonly xids: readonly string[] }>(all: readonly One[]): Map<string, One[]> {
  const byXid = new Map<string, One[]>();
  for (const one of all) {
    for (const xid of one.xids) {
      const some = byXid.get(xid);
      if (some) some.push(one);
      else byXid.set(xid, [one]);
    }
  }
  return byXid;
}

/** What any of the identities has, once. */
function ofMembers<One>(byXid: ReadonlyMap<string, readonly One[]>, members: readonly string[]): One[] {
  return [...new Set(members.flatMap((xid) => byXid.get(xid) ?? []))];
}
