import type { Tenant } from '@tessera/contracts';

/** Which identities belong to the person: the requested one alone, or its whole cluster. */
export const identityGraphTypes = ['none', 'pdg'] as const;
export type IdentityGraphType = (typeof identityGraphTypes)[number];

/** Which fragment wins (spec 05-merge-policies, "What merging means"). */
export type AttributeMerge =
  | { readonly type: 'timestampOrdered' }
  /** Dataset ids, best first. Fragments of other datasets are no candidates. */
  | { readonly type: 'dataSetPrecedence'; readonly order: readonly string[] };
export type AttributeMergeType = AttributeMerge['type'];

/** How the fragments of a person become one profile (spec 05-merge-policies). */
export interface MergePolicy {
  readonly id: string;
  readonly name: string;
  readonly tenant: Tenant;
  readonly schema: { readonly name: string };
  /** Starts at 1; every change raises it by one. */
  readonly version: number;
  readonly identityGraph: { readonly type: IdentityGraphType };
  readonly attributeMerge: AttributeMerge;
  readonly isActiveOnEdge: boolean;
  readonly default: boolean;
  /** Epoch seconds of the last change. */
  readonly updateEpoch: number;
}
