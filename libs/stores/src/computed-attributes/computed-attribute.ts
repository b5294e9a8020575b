import type { Tenant } from '@tessera/contracts';
import type { Lookback, MergeFunction } from '@tessera/pql';

/**
 * `DRAFT` may still be changed; `NEW` is published; `PROCESSING` is being evaluated over stored events; `PROCESSED` has
 * values; `FAILED` could not be evaluated; `DISABLED` was switched off (spec 11).
 */
export const computedAttributeStatuses = ['DRAFT', 'NEW', 'PROCESSING', 'PROCESSED', 'FAILED', 'DISABLED'] as const;
export type ComputedAttributeStatus = (typeof computedAttributeStatuses)[number];

/** Those that events are counted for; at most 100 of a sandbox. */
export const activeStatuses: readonly ComputedAttributeStatus[] = ['NEW', 'PROCESSING', 'PROCESSED'];

/** Milliseconds within which every ingestion worker notices that a sandbox counts events for attributes. */
export const PUBLICATION_NOTICED_WITHIN = 1_000;

/** A profile attribute that is calculated from a person's events. */
export interface ComputedAttribute {
  readonly id: string;
  readonly tenant: Tenant;
  /** Letters and digits, unique in the sandbox. */
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  /** PQL. */
  readonly expression: string;
  /** What its figures are kept under: another one for each expression that it is published with. */
  readonly countedAs: string;
  readonly duration: Lookback;
  readonly keepCurrent: boolean;
  readonly status: ComputedAttributeStatus;
  readonly mergeFunction: MergeFunction;
  /** `meta:xdmType` of its value. */
  readonly xdmType: string;
  /** Epoch ms. */
  readonly createdAt: number;
  /** Epoch ms. */
  readonly updatedAt: number;
  /** Client id. */
  readonly createdBy: string;
  /** When it was evaluated over stored events; epoch ms. */
  readonly evaluatedAt?: number;
}
