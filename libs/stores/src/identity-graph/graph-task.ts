import type { Identity } from '@tessera/contracts';
import { DisjointSets, type FoldedLink } from '@tessera/domain';
import type { Neighbourhood } from './graph-neighbourhood.js';

/** Something to be done to one part of the graph. */
export interface GraphTask {
  /** Identities to be stored if they are not. */
  readonly identities: readonly Identity[];
  /** Evidence to be added; both ends of each are stored, or among `identities`. */
  readonly links: readonly FoldedLink[];
  /** XIDs whose components are to be resolved anew, beside those that the links touch. */
  readonly touched: readonly string[];
  /** Newest acceptance time (epoch ms) of what is behind it. */
  readonly acceptedAt: number;
}

/** Components and new identities that some tasks join: nothing outside it changes with it. */
export interface GraphGroup {
  /** XIDs. */
  readonly members: readonly string[];
  readonly links: readonly FoldedLink[];
  readonly acceptedAt: number;
}

/** Every XID that a task names. */
export function xidsOf({ identities, links, touched }: GraphTask): string[] {
  return [...identities.map(({ xid }) => xid), ...links.flatMap(({ a, b }) => [a, b]), ...touched];
}

/**
 * Joins the tasks that turn out to concern the same component. Adds the identities that are not stored to the
 * neighbourhood; an XID that is neither stored nor described is none of the graph's.
 */
export function groupTasks(tasks: readonly GraphTask[], { identities, places }: Neighbourhood): GraphGroup[] {
  for (const identity of tasks.flatMap((task) => task.identities)) {
    if (!identities.has(identity.xid)) identities.set(identity.xid, identity);
  }
  const sets = new DisjointSets();
  for (const xid of identities.keys()) sets.union(xid, places.get(xid)?.componentId ?? xid);
  for (const { a, b } of tasks.flatMap((task) => task.links)) sets.union(a, b);
  const groups = new Map<string, GraphGroup & { links: FoldedLink[]; acceptedAt: number }>();
  for (const [representative, members] of sets.sets()) {
    groups.set(representative, { members, links: [], acceptedAt: -Infinity });
  }
  for (const task of tasks) {
    for (const xid of xidsOf(task)) {
      const group = identities.has(xid) ? groups.get(sets.find(xid)) : undefined;
      if (group) group.acceptedAt = Math.max(group.acceptedAt, task.acceptedAt);
    }
    for (const link of task.links) groups.get(sets.find(link.a))?.links.push(link);
  }
  return [...groups.values()];
}
