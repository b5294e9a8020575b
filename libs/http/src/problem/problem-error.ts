import type { Fault } from '@tessera/contracts';
import { problemCatalogue, type CatalogueEntry, type ProblemSlug } from './catalogue.js';

/** What is particular to one occurrence of a problem. */
export interface ProblemParticulars {
  /** What is wrong, and what to do about it; for people. */
  readonly detail: string;
  /** Every fault of the input, each with its JSON Pointer. */
  readonly errors?: readonly Fault[];
  /** Seconds after which trying again makes sense; sent as `Retry-After`. */
  readonly retryAfter?: number;
  /** Further headers of the answer. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Further fields of the answer's body. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** Whether whoever asked expects such answers, as probes do: then it is logged for debugging only. */
  readonly isExpected?: boolean;
  /** What lies behind it, for the log only. */
  readonly cause?: unknown;
}

/** An error that is an answer: thrown anywhere on the way of a request, sent as `application/problem+json`. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly entry: CatalogueEntry;

  constructor(
    readonly slug: ProblemSlug,
    readonly particulars: ProblemParticulars,
  ) {
    super(particulars.detail, { cause: particulars.cause });
    this.entry = problemCatalogue[slug];
  }
}

/**
 * The error to throw for an answer out of the catalogue.
 *
 * @example throw problem('unknown-dataset', { detail: `There is no dataset ${id} in this sandbox.` });
 */
export function problem(slug: ProblemSlug, particulars: ProblemParticulars): ProblemError {
  return new ProblemError(slug, particulars);
}
