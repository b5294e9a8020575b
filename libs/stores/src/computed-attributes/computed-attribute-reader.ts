import type { Collection } from 'mongodb';
import { tenantKey, type JsonObject, type JsonValue, type Tenant } from '@tessera/contracts';
import type { PersonEvent } from '@tessera/pql';
import { available } from '../bulk.js';
import type { Database } from '../database.js';
import { Snapshots, type Snapshot, type SnapshotRead } from '../people-scan/snapshots.js';
import { EventVisibilityReader } from '../profile-reads/event-visibility.js';
import { AttributePrograms } from './attribute-programs.js';
import { ComputedAttributeStore } from './computed-attribute-store.js';
import { CountedEvents, type CountedEvent } from './counted-events.js';
import { DAY, figuresId, figuresKeyOf, hourOf, type FiguresDocument } from './figures-document.js';
import { byHour, hourId, type ReadFigures } from './figures-parts.js';
import { asked, spanOf, useOf, valueFor, type AskedAttribute, type Figures } from './person-values.js';
import { Breaks } from './breaks.js';
import type { SeenEvents } from './seen-events.js';
import { steadyUntil } from './steady-until.js';

/** Whose values are asked for. */
export interface PersonAsked {
  /** What the answer is found by: the cluster's id, or anything else that tells the people of one call apart. */
  readonly clusterId: string;
  /** XIDs of all identities that are the person under the policy; the policy of computed attributes is the default one. */
  readonly members: readonly string[];
  /** The person's merged attributes; expressions that read them see none where it is absent. */
  readonly profile?: JsonObject;
}

/** What computed attributes say about a person at a moment. */
export interface ValuesInTime {
  /** By name. */
  readonly attributes: JsonObject;
  /**
   * Epoch ms until which they stay so while nothing but time passes; what events enter and leave a window is left aside,
   * since that is announced as a change of the person.
   */
  readonly steadyUntil: number;
}

/** When values of the past are asked for. */
export interface PastMoment {
  readonly snapshot: Snapshot;
  /** What was seen at it, and what of that is gone since; its `now` is up to when windows reach. */
  readonly seen: SeenEvents;
}

/** The attributes that had values at a snapshot. */
export interface PastAttributes {
  /** JSON Schemas of the values, by name. */
  readonly schemas: ReadonlyMap<string, JsonObject>;
  /**
   * What they said about some people, as {@link ComputedAttributeReader.valuesOf}.
   *
   * @throws SnapshotExpiredError, UnavailableError
   */
  valuesOf(people: readonly PersonAsked[]): Promise<Map<string, JsonObject>>;
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
  private readonly snapshots: Snapshots;

  constructor(database: Database) {
    this.figures = database.collection('computed_figures');
    this.events = new CountedEvents(database);
    this.visibility = new EventVisibilityReader(database);
    this.attributes = new ComputedAttributeStore(database);
    this.snapshots = new Snapshots(database);
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
    const values = await this.valuesInTime(tenant, people, now);
    return attributesOf(values);
  }

  /** The same, each with the time until which it stays as it is while nothing but time passes. @throws UnavailableError */
  async valuesInTime(
    tenant: Tenant,
    people: readonly PersonAsked[],
    now: number = Date.now(),
  ): Promise<Map<string, ValuesInTime>> {
    const processed = await this.attributes.active(tenant, ['PROCESSED']);
    if (processed.length === 0 || people.length === 0) {
      return new Map(people.map(({ clusterId }) => [clusterId, { attributes: {}, steadyUntil: Infinity }]));
    }
    const attributes = processed.map((attribute) => asked(attribute, this.programs.of(attribute), now));
    const seen = async () => ({ ...(await available(this.visibility.read(tenant))), now });
    return this.read(tenant, people, attributes, seen());
  }

  /**
   * The attributes that had values at a snapshot, to be asked about people of it.
   *
   * @returns undefined where there was none.
   * @throws SnapshotExpiredError, UnavailableError
   */
  async at(tenant: Tenant, { snapshot, seen }: PastMoment): Promise<PastAttributes | undefined> {
    const processed = await this.snapshots.with(snapshot, (read) =>
      this.attributes.active(tenant, ['PROCESSED'], read),
    );
    if (processed.length === 0) return undefined;
    const attributes = processed.map((attribute) => asked(attribute, this.programs.of(attribute), seen.now));
    return {
      schemas: new Map(attributes.map(({ attribute, program }) => [attribute.name, program.valueSchema])),
      valuesOf: async (people) =>
        attributesOf(
          await this.snapshots.with(snapshot, (read) =>
            this.read(tenant, people, attributes, Promise.resolve(seen), read),
          ),
        ),
    };
  }

  private async read(
    tenant: Tenant,
    people: readonly PersonAsked[],
    attributes: readonly AskedAttribute[],
    visible: Promise<SeenEvents>,
    at?: SnapshotRead,
  ): Promise<Map<string, ValuesInTime>> {
    const [found, seen] = await Promise.all([this.figuresOf(tenant, people, attributes, at), visible]);
    const figures = found.flatMap((some) => (needsEvents(some, attributes, seen) ? byHour(some) : [some]));
    const reading = { people, attributes, figures, seen, at };
    const [events, whole] = await Promise.all([this.eventsOf(tenant, reading), this.wholeOf(tenant, reading)]);
    const figuresByXid = groupByXid(figures);
    const breaks = new Breaks();
    const answer = new Map<string, ValuesInTime>();
    for (const [index, { clusterId, members, profile = {} }] of people.entries()) {
      const person = { figures: ofMembers(figuresByXid, members), events, whole: whole[index], profile };
      const values: [string, JsonValue][] = [];
      for (const attribute of attributes) {
        const value = valueFor(attribute, person, seen);
        if (value !== undefined) values.push([attribute.attribute.name, value]);
        await breaks.giveWay();
      }
      answer.set(clusterId, {
        attributes: Object.fromEntries(values),
        steadyUntil: steadyUntil(attributes, person.figures, seen),
      });
    }
    return answer;
  }

  private async figuresOf(
    tenant: Tenant,
    people: readonly PersonAsked[],
    attributes: readonly AskedAttribute[],
    at: SnapshotRead | undefined,
  ): Promise<readonly ReadFigures[]> {
    const from = Math.min(...attributes.map(({ window }) => window.from)) - DAY;
    const to = Math.max(...attributes.map(({ window }) => window.to));
    const xids = [...new Set(people.flatMap(({ members }) => members))];
    const filter = { tenant: tenantKey(tenant), xids: { $in: xids }, day: { $gt: from, $lt: to } };
    return available(this.figures.find(filter, { ...at, projection }).toArray());
  }

  /** The events behind figures that do not suffice as they are, by figures, in one query. */
  private async eventsOf(
    tenant: Tenant,
    { attributes, figures, seen, at }: Reading,
  ): Promise<ReadonlyMap<string, readonly CountedEvent[]>> {
    const cut = figures.filter((some) => needsEvents(some, attributes, seen));
    const bySpan = Map.groupBy(cut, ({ day, hour }) => `${day} ${hour}`);
    const wanted = [...bySpan.values()].map((some) => ({
      xids: some.map(({ xids }) => xids[0] ?? ''),
      interval: spanOf(some[0] as Figures),
    }));
    const events = await this.events.find(tenant, wanted, seen, at);
    const days = new Set(figures.flatMap(({ _id, hour }) => (hour === undefined ? _id : [])));
    return Map.groupBy(events, (event) => {
      const id = figuresId(tenant, figuresKeyOf(event));
      return days.has(id) ? id : hourId(id, hourOf(event.time));
    });
  }

  /** For each person the events of the longest window of attributes that figures do not suffice for. */
  private async wholeOf(
    tenant: Tenant,
    { people, attributes, seen, at }: Reading,
  ): Promise<readonly (readonly PersonEvent[] | undefined)[]> {
    const windows = attributes.filter(({ program }) => !program.incremental).map(({ window }) => window);
    if (windows.length === 0) return [];
    const interval = {
      from: Math.min(...windows.map(({ from }) => from)),
      to: Math.max(...windows.map(({ to }) => to)),
    };
    const members = people.map((person) => person.members);
    return available(this.events.ofPeople(tenant, members, interval, seen, MOST_WHOLE, at));
  }
}

/** Whether some attribute cannot take figures as they are. */
function needsEvents(figures: Figures, attributes: readonly AskedAttribute[], seen: SeenEvents): boolean {
  return attributes.some((one) => one.program.incremental && useOf(figures, one, seen) === 'events');
}

function attributesOf(values: ReadonlyMap<string, ValuesInTime>): Map<string, JsonObject> {
  return new Map([...values].map(([clusterId, { attributes }]) => [clusterId, attributes]));
}

interface Reading {
  readonly people: readonly PersonAsked[];
  readonly attributes: readonly AskedAttribute[];
  readonly figures: readonly Figures[];
  readonly seen: SeenEvents;
  readonly at: SnapshotRead | undefined;
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
