import type { Fault } from '@tessera/contracts';
import { problem, problemDocument, ProblemError } from '@tessera/http';

/** What one identity of a call is answered with. */
export interface OneAnswer {
  readonly key: string;
  readonly answer: object | ProblemError;
}

export interface ManyAnswer {
  readonly status: 200 | 207;
  /** By key, in the order of the request. */
  readonly body: Readonly<Record<string, object>>;
}

/** Faults told at most. */
const MOST_FAULTS = 100;

/**
 * The answer to a call about many identities, where some may have failed (spec 06-entities, "POST many"). An identity that
 * is asked for twice is answered once.
 *
 * @throws ProblemError `every-identity-failed`.
 */
export function manyAnswer(answers: readonly OneAnswer[], requestId: string): ManyAnswer {
  const body = Object.create(null) as Record<string, object>;
  const failures: Fault[] = [];
  answers.forEach(({ key, answer }, index) => {
    if (answer instanceof ProblemError) failures.push(...faultsOf(answer, index));
    if (Object.hasOwn(body, key)) return;
    body[key] = answer instanceof ProblemError ? { error: problemDocument(answer, requestId) } : answer;
  });
  if (answers.every(({ answer }) => answer instanceof ProblemError)) {
    throw problem('every-identity-failed', {
      detail: 'None of the identities could be answered; errors says why.',
      errors: failures.slice(0, MOST_FAULTS),
    });
  }
  return { status: failures.length === 0 ? 200 : 207, body };
}

function faultsOf({ particulars: { errors, detail } }: ProblemError, index: number): readonly Fault[] {
  return errors ?? [{ path: `/identities/${index}`, message: detail }];
}
