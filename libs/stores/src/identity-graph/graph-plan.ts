import type { ProfileChange } from '@tessera/contracts';
import {
  linkId,
  resolveGraph,
  type FoldedLink,
  type GraphLimits,
  type LinkingRules,
  type ResolvedComponent,
} from '@tessera/domain';
import type { LinkDocument } from './graph-documents.js';
import type { Neighbourhood, Place } from './graph-neighbourhood.js';
import type { GraphGroup } from './graph-task.js';
import { planLinks, type PlannedLink, type Withdrawal } from './planned-links.js';

/** What is to be written to bring one group up to date, and what that means. */
export interface GroupPlan {
  readonly components: readonly ResolvedComponent[];
  /** Ids of the stored components that these come from. */
  readonly formerComponents: ReadonlySet<string>;
  /** By XID, where those now belong whose place is another than before. */
  readonly moved: ReadonlyMap<string, Place>;
  /** Evidence to be added. */
  readonly linksToWiden: readonly FoldedLink[];
  /** Links that lose evidence and keep some. */
  readonly linksToNarrow: readonly PlannedLink[];
  /** Ids. */
  readonly linksToDelete: readonly string[];
  /** Ids of links whose component has just become contested. */
  readonly linksToContest: readonly string[];
  /** Clusters that are not what they were. */
  readonly changes: readonly ProfileChange[];
  /** Links of this group's new evidence that a rule left out. */
  readonly leftOut: number;
  /** Identities that lost their cluster to make room. */
  readonly evicted: number;
  /** Links forgotten because their component has too many. */
  readonly dropped: number;
  /** Links that lost evidence to a withdrawal, gone or not. */
  readonly withdrawn: number;
  /** How many people there are more than before. */
  readonly clusters: number;
  /** How many identities there are more than before. */
  readonly identities: number;
}

/**
 * Decides what becomes of a group.
 *
 * @param stored every stored link between its members; `undefined` where nothing bites and nothing is withdrawn, so that
 * the group is one cluster whatever its links.
 */
export function planGroup(
  group: GraphGroup,
  { identities, places }: Neighbourhood,
  stored: readonly LinkDocument[] | undefined,
  rules: LinkingRules,
  limits: GraphLimits,
  withdrawal?: Withdrawal,
): GroupPlan {
  const { kept, gone } = planLinks(group.links, stored ?? [], withdrawal, rules.ageStep);
  const members = group.members.flatMap((xid) => identities.get(xid) ?? []);
  const { components, dropped } = stored
    ? resolveGraph(members, kept, rules, limits)
    : { components: [oneCluster(group.members)], dropped: [] };
  const droppedIds = new Set(dropped.map(({ a, b }) => linkId(a, b)));
  const leftOut = new Set(components.flatMap((component) => component.leftOut).map(({ a, b }) => linkId(a, b)));
  const evicted = components.flatMap((component) => component.evicted);
  const moved = movedPlaces(components, places);
  const remaining = kept.filter(({ id }) => !droppedIds.has(id));
  return {
    components,
    formerComponents: formerComponents(group.members, places),
    moved,
    linksToWiden: group.links.filter(({ id }) => !droppedIds.has(id)),
    linksToNarrow: remaining.filter(({ withdrawn }) => withdrawn.length > 0),
    linksToDelete: [...gone, ...kept.filter((link) => link.stored && droppedIds.has(link.id)).map(({ id }) => id)],
    linksToContest: becomesContested(components, places)
      ? remaining.filter((link) => link.stored).map(({ id }) => id)
      : [],
    changes: clusterChanges(components, places, group.acceptedAt),
    leftOut: group.links.filter(({ id }) => leftOut.has(id)).length,
    evicted: evicted.filter((xid) => moved.has(xid) && places.get(xid)?.members.length !== 1).length,
    dropped: dropped.length,
    withdrawn: gone.length + kept.filter((link) => link.withdrawn.length > 0).length,
    ...growth(components, group.members, places),
  };
}

function oneCluster(xids: readonly string[]): ResolvedComponent {
  const members = [...xids].sort();
  return { id: members[0] ?? '', members, contested: false, clusters: [members], leftOut: [], evicted: [] };
}

function movedPlaces(components: readonly ResolvedComponent[], places: ReadonlyMap<string, Place>): Map<string, Place> {
  const moved = new Map<string, Place>();
  for (const { id, contested, clusters } of components) {
    for (const members of clusters) {
      const place: Place = { componentId: id, clusterId: members[0] ?? '', members, contested };
      for (const xid of members) {
        if (!isSamePlace(places.get(xid), place)) moved.set(xid, place);
      }
    }
  }
  return moved;
}

function isSamePlace(one: Place | undefined, other: Place): boolean {
  return (
    one !== undefined &&
    one.componentId === other.componentId &&
    one.contested === other.contested &&
    isSameCluster(one.members, other.members)
  );
}

function isSameCluster(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((xid, index) => xid === other[index]);
}

/** Whoever is in a group's components after it was in them before, so what is counted twice is counted on both sides. */
function growth(
  components: readonly ResolvedComponent[],
  members: readonly string[],
  places: ReadonlyMap<string, Place>,
): Pick<GroupPlan, 'clusters' | 'identities'> {
  const known = members.filter((xid) => places.has(xid));
  const left = components.flatMap(({ clusters }) => clusters);
  return {
    clusters: left.length - new Set(known.map((xid) => places.get(xid)?.clusterId)).size,
    identities: left.flat().length - known.length,
  };
}

function formerComponents(members: readonly string[], places: ReadonlyMap<string, Place>): Set<string> {
  const former = new Set<string>();
  for (const xid of members) {
    const place = places.get(xid);
    if (place && isLinked(place)) former.add(place.componentId);
  }
  return former;
}

/** An identity that nothing links is in no stored component. */
function isLinked({ members, contested }: Place): boolean {
  return members.length > 1 || contested;
}

/**
 * Whether the ages of links begin to matter. Refreshes of known links go on beside transactions: one that started before
 * this must either be seen here or see that the component is contested, which writing the links brings about.
 */
function becomesContested(components: readonly ResolvedComponent[], places: ReadonlyMap<string, Place>): boolean {
  const isUncontested = (place: Place | undefined) => place !== undefined && isLinked(place) && !place.contested;
  return components.some(
    ({ contested, members }) => contested && members.some((xid) => isUncontested(places.get(xid))),
  );
}

function clusterChanges(
  components: readonly ResolvedComponent[],
  places: ReadonlyMap<string, Place>,
  acceptedAt: number,
): ProfileChange[] {
  const changes: ProfileChange[] = [];
  for (const members of components.flatMap(({ clusters }) => clusters)) {
    if (members.every((xid) => isSameCluster(places.get(xid)?.members ?? [], members))) continue;
    const clusterId = members[0] ?? '';
    const replaced = members.filter((xid) => xid !== clusterId && places.get(xid)?.clusterId === xid);
    changes.push({ clusterId, members: [...members], replaced, acceptedAt });
  }
  return changes;
}
