import { DisjointSets, type FoldedEvidence, type FoldedLink } from '@tessera/domain';
import type { Place } from './graph-neighbourhood.js';
import type { GraphTask } from './graph-task.js';

/** A contested component is read with its links and identities. */
const WEIGHT_OF_CONTESTED = 500;

/**
 * Divides what is not merely a repetition into tasks that, as far as is known, concern different components: new links,
 * and known links of contested components, whose newest evidence may decide anew who belongs together.
 *
 * @param unknown ids of the links that are not stored.
 * @param places where the evidence's identities are stored to belong.
 */
export function tasksFor(
  { identities, links }: FoldedEvidence,
  unknown: ReadonlySet<string>,
  places: ReadonlyMap<string, Place>,
): {
  readonly tasks: readonly GraphTask[];
  /** About how many documents each task concerns. */
  readonly weights: ReadonlyMap<GraphTask, number>;
  /** XIDs of the tasks' identities. */
  readonly concerned: ReadonlySet<string>;
} {
  const isContested = ({ a, b }: FoldedLink) => places.get(a)?.contested === true || places.get(b)?.contested === true;
  const parts = new DisjointSets();
  const deciding = [...links.values()].filter((link) => unknown.has(link.id) || isContested(link));
  for (const { a, b } of deciding) {
    parts.union(a, b);
    for (const xid of [a, b]) parts.union(xid, places.get(xid)?.componentId ?? xid);
  }
  const linksOf = new Map<string, FoldedLink[]>();
  for (const link of deciding) {
    const part = parts.find(link.a);
    const known = linksOf.get(part);
    if (known) known.push(link);
    else linksOf.set(part, [link]);
  }
  const weights = new Map<GraphTask, number>();
  const concerned = new Set<string>();
  for (const some of linksOf.values()) {
    const xids = new Set(some.flatMap(({ a, b }) => [a, b]));
    let [weight, acceptedAt] = [some.length, -Infinity];
    for (const xid of xids) {
      concerned.add(xid);
      acceptedAt = Math.max(acceptedAt, identities.get(xid)?.acceptedAt ?? -Infinity);
      weight += places.get(xid)?.members.length ?? 1;
    }
    if (some.some(isContested)) weight += WEIGHT_OF_CONTESTED;
    const named = [...xids].flatMap((xid) => identities.get(xid)?.identity ?? []);
    weights.set({ identities: named, links: some, touched: [], acceptedAt }, weight);
  }
  return { tasks: [...weights.keys()], weights, concerned };
}
