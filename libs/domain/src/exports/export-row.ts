import type { Identity, JsonObject } from '@tessera/contracts';
import { emptyObject, isJsonObject } from '../merge/canonical-json.js';
import { selectsComputed, withComputed } from '../merge/computed-attributes.js';
import type { Fragment } from '../merge/fragment.js';
import { mergeFragments } from '../merge/merge.js';
import { parseSelector } from '../selector/parse-selector.js';
import { select } from '../selector/select.js';
import type { Selector } from '../selector/selector.js';
import type { ExportOrder, ExportOutput } from './export-order.js';
import { isInSegments } from './people-wanted.js';

/** A fragment, and when its record was accepted; epoch ms. */
export type ExportedFragment = Fragment & { readonly acceptedAt: number };

/** Somebody who is wanted. */
export interface ExportedProfile {
  readonly entity: JsonObject;
  /** Nothing was merged: wanted only with an event accepted after this; epoch ms, -Infinity for any event. */
  readonly onlyWithEventAfter?: number;
}

/** An event as stored. */
export interface ExportedEvent {
  readonly eventId: string;
  /** Epoch ms. */
  readonly time: number;
  /** JSON text. */
  readonly body: string;
}

/** The rules of one export, read once. */
export class ExportRows {
  private readonly fields: Selector | undefined;
  private readonly eventFields: Selector | undefined;

  /** @throws SelectorError for fields that are no selector. */
  constructor(
    private readonly order: ExportOrder,
    private readonly output: ExportOutput,
  ) {
    this.fields = order.fields === undefined ? undefined : parseSelector(order.fields);
    this.eventFields = order.events?.fields === undefined ? undefined : parseSelector(order.events.fields);
  }

  /** How computed attributes are made part of rows; undefined where they are not. */
  get computed(): ExportOrder['computed'] {
    const { computed } = this.order;
    return computed && selectsComputed(this.fields, computed.root) ? computed : undefined;
  }

  /**
   * The merged profile of a person.
   *
   * @returns undefined for somebody who is not wanted; an empty profile is wanted where the order says so and there are
   * events, accepted after the wanted time unless a record was: which is for the caller to find out.
   */
  profile(fragments: readonly ExportedFragment[]): ExportedProfile | undefined {
    const { policy, people, emptyProfiles } = this.order;
    const { entity, sources } = mergeFragments(fragments, policy.attributeMerge);
    const isEmpty = sources.length === 0;
    if (isEmpty && !emptyProfiles) return undefined;
    const { acceptedAfter = -Infinity } = people;
    const isRecent = acceptedAfter === -Infinity || fragments.some(({ acceptedAt }) => acceptedAt > acceptedAfter);
    if (!isRecent && !isEmpty) return undefined;
    const { segment } = this.output;
    if (!isInSegments(entity, segment === undefined ? people : { ...people, segments: [segment] })) return undefined;
    return { entity, ...(isEmpty && { onlyWithEventAfter: isRecent ? -Infinity : acceptedAfter }) };
  }

  /**
   * The row of a person without their events (spec 07-export-jobs, "Each row"): the wanted fields of the profile, its
   * `identityMap`, and `segmentMembership` where people are chosen by segments.
   *
   * @param entity as merged; it may become the row.
   * @param members those of the person's identities that are known by value.
   * @param attributes the values of computed attributes, by name, where they are wanted.
   */
  row(entity: JsonObject, members: readonly Identity[], attributes?: JsonObject): JsonObject {
    const { people, computed } = this.order;
    const hasComputed = computed !== undefined && attributes !== undefined && Object.keys(attributes).length > 0;
    const whole = hasComputed ? withComputed(entity, computed.root, attributes) : entity;
    const row = this.fields === undefined ? whole : select(this.fields, whole);
    const identityMap = entity['identityMap'] ?? identityMapOf(members);
    if (identityMap !== undefined) row['identityMap'] = identityMap;
    const { segmentMembership } = entity;
    if (people.segments !== undefined && segmentMembership !== undefined) row['segmentMembership'] = segmentMembership;
    return row;
  }

  /** An event of a row's `eventList`: its `_id`, its `timestamp` and the wanted fields. */
  event({ eventId, time, body }: ExportedEvent): JsonObject {
    const whole = JSON.parse(body) as JsonObject;
    const event =
      this.eventFields === undefined ? Object.assign(emptyObject(), whole) : select(this.eventFields, whole);
    event['_id'] = eventId;
    event['timestamp'] = whole['timestamp'] ?? new Date(time).toISOString();
    return event;
  }
}

/** Of a profile that does not say who it is about, such as an empty one. */
function identityMapOf(members: readonly Identity[]): JsonObject | undefined {
  if (members.length === 0) return undefined;
  const map = emptyObject();
  for (const { namespace, id } of members) {
    const known = map[namespace];
    map[namespace] = Array.isArray(known) ? [...known, { id }] : [{ id }];
  }
  return map;
}

/** The namespaces in which a row has an identity. */
export function namespacesOf({ identityMap }: JsonObject): string[] {
  return isJsonObject(identityMap) ? Object.keys(identityMap) : [];
}
