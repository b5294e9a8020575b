import type { JsonObject } from '@tessera/contracts';
import { parseSelector } from '../selector/parse-selector.js';
import type { Selector } from '../selector/selector.js';
import { columnsOf, type Column } from './column.js';
import type { ExportOrder } from './export-order.js';

/** The column, of rows and of their events, that holds as JSON text what the union schema gives no type to. */
export const UNTYPED = 'untypedFields';

/** The column of a row that holds its events. */
export const EVENTS = 'eventList';

const text: Column = { kind: 'text' };
const instant: Column = { kind: 'instant' };
const identityItem: Column = {
  kind: 'object',
  fields: new Map<string, Column>([
    ['id', text],
    ['primary', { kind: 'boolean' }],
  ]),
};
const membership: Column = {
  kind: 'object',
  fields: new Map([
    ['lastQualificationTime', instant],
    ['status', text],
    ['validUntil', instant],
    ['version', text],
  ]),
};

/**
 * The columns of an export's Parquet files: those of the union schema as far as its fields are wanted, those that every row
 * may have, and {@link UNTYPED}. They depend on nothing but the order and the unions, so all files of a batch have the same.
 */
export class ExportColumns {
  /** All, in the order in which files have them. */
  readonly columns: ReadonlyMap<string, Column>;
  /** Those of a profile's fields; fields named like columns of the export's own have none. */
  readonly profile: ReadonlyMap<string, Column>;
  /** Those of an event's fields, where events are wanted. */
  readonly event: ReadonlyMap<string, Column> | undefined;

  /** @throws SelectorError for fields that are no selector. */
  constructor(
    { fields, events, people }: Pick<ExportOrder, 'fields' | 'events' | 'people'>,
    profileUnion: JsonObject,
    eventUnion: JsonObject,
  ) {
    const selector = selectorOf(fields);
    const profile = columnsFor(profileUnion, selector).set('identityMap', {
      kind: 'map',
      value: { kind: 'list', item: identityItem },
    });
    // Unions do not describe memberships: whatever way they are wanted, they are typed here.
    if ((selector?.fields.has('segmentMembership') ?? true) || people.segments !== undefined) {
      profile.set('segmentMembership', { kind: 'map', value: { kind: 'map', value: membership } });
    }
    this.profile = profile;
    this.event = events && columnsFor(eventUnion, selectorOf(events.fields)).set('_id', text).set('timestamp', instant);
    this.columns = new Map([
      ...profile,
      ...(this.event ? [[EVENTS, listOf(this.event)] as const] : []),
      [UNTYPED, text],
    ]);
  }
}

function listOf(event: ReadonlyMap<string, Column>): Column {
  return { kind: 'list', item: { kind: 'object', fields: new Map([...event, [UNTYPED, text]]) } };
}

function selectorOf(fields: string | undefined): Selector | undefined {
  return fields === undefined ? undefined : parseSelector(fields);
}

function columnsFor(union: JsonObject, selector: Selector | undefined): Map<string, Column> {
  const columns = new Map(columnsOf(union, selector));
  for (const reserved of [UNTYPED, EVENTS]) columns.delete(reserved);
  return columns;
}
