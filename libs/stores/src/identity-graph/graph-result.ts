import type { ProfileChange } from '@tessera/contracts';

/** What became of some evidence; each a number of things done. */
export interface GraphCounts {
  /** Identities stored for the first time. */
  readonly registered: number;
  /** Links that were known and only had their evidence widened. */
  readonly refreshed: number;
  /** Links taken into transactions because they were new. */
  readonly linked: number;
  /** New evidence that a linking rule left out. */
  readonly leftOut: number;
  /** Identities that lost their cluster because it was full. */
  readonly evicted: number;
  /** Links forgotten because their component had too many. */
  readonly dropped: number;
  /** Links from which evidence was withdrawn. */
  readonly withdrawn: number;
  readonly transactions: number;
  /** Transactions that had to be tried again. */
  readonly retries: number;
}

/** The outcome of one piece of work on the graph. */
export interface GraphResult {
  /** Every person who changed or was touched, once each. */
  readonly changes: readonly ProfileChange[];
  /** Ids to be given to `GraphAnnouncements.done` once the changes are published. */
  readonly announcements: readonly string[];
  /** How many identities each person has whose members changed. */
  readonly sizes: readonly number[];
  readonly counts: GraphCounts;
}

/** Changes folded per cluster: of several to one cluster the last says who its members are. */
export class FoldedChanges {
  private readonly byCluster = new Map<string, ProfileChange>();

  /** Takes a cluster's new members; what it replaces is forgotten. */
  add(change: ProfileChange): void {
    const known = this.byCluster.get(change.clusterId);
    const members = new Set(change.members);
    const replaced = new Set([...(known?.replaced ?? []), ...change.replaced].filter((xid) => members.has(xid)));
    for (const obsolete of change.replaced) this.byCluster.delete(obsolete);
    this.byCluster.set(change.clusterId, {
      ...change,
      replaced: [...replaced],
      acceptedAt: Math.max(change.acceptedAt, known?.acceptedAt ?? -Infinity),
    });
  }

  /** Notes that something about the cluster was said that changed nothing of who its members are. */
  touch(clusterId: string, members: readonly string[], acceptedAt: number): void {
    const known = this.byCluster.get(clusterId);
    if (!known) this.byCluster.set(clusterId, { clusterId, members: [...members], replaced: [], acceptedAt });
    else if (known.acceptedAt < acceptedAt) this.byCluster.set(clusterId, { ...known, acceptedAt });
  }

  all(): ProfileChange[] {
    return [...this.byCluster.values()];
  }
}
