import type { Identity } from '@tessera/contracts';
import type { Pair } from './graph-components.js';

/** A link as the rules see it. Its age is the newest time (epoch ms) at which any evidence asserted it. */
export interface GraphLink extends Pair {
  readonly last: number;
}

/** An identity as the rules see it. */
export type GraphIdentity = Pick<Identity, 'xid' | 'namespace'>;

/** A connected component of the graph, and the people the rules make of it. */
export interface ResolvedComponent {
  /** The smallest XID of its members. */
  readonly id: string;
  /** Sorted. */
  readonly members: readonly string[];
  /** Whether the limit or a linking rule bites, so that ages and priorities of links decide who belongs together. */
  readonly contested: boolean;
  /** One person each, members sorted; together they are the component. A cluster's id is its smallest XID. */
  readonly clusters: readonly (readonly string[])[];
  /** Links that would have put a second value of a unique namespace into a cluster. */
  readonly leftOut: readonly GraphLink[];
  /** Identities that made room in a full cluster; each is a cluster of its own. */
  readonly evicted: readonly string[];
}

export interface ResolvedGraph {
  readonly components: readonly ResolvedComponent[];
  /** Links beyond those kept of a component: to be forgotten. */
  readonly dropped: readonly GraphLink[];
}
