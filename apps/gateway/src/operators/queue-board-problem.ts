import type { ControllerHandlerReturnType } from '@bull-board/api/typings/app';
import { problem, type ProblemError } from '@tessera/http';

/** What the board says of a parameter it does not take. */
interface BoardRefusal {
  readonly error?: { readonly options?: { readonly field?: unknown } };
}

/** The problem that an answer of the board is, which has errors of a shape of its own; `undefined` for any other answer. */
export function problemOfBoard({ body, ...answer }: ControllerHandlerReturnType): ProblemError | undefined {
  // As numbers: the board's type leaves out some of those it answers.
  const status: number = answer.status ?? 200;
  if (status < 400) return undefined;
  switch (status) {
    case 404:
      return problem('unknown-queue-entry', { detail: 'The board knows no such queue, or no such entry of it.' });
    case 403:
    case 405:
      return problem('operation-closed', { detail: 'The board shows queues and what is in them, and nothing else.' });
    case 400:
      return invalidParameter(body);
    default:
      return problem('internal-error', { detail: 'The board of queues failed on this request.', cause: body });
  }
}

/** The board decodes parameters once more than the server. @throws ProblemError where that cannot be done. */
export function refuseUndecodable(error: unknown): never {
  throw error instanceof URIError ? invalidParameter(undefined) : error;
}

function invalidParameter(body: unknown): ProblemError {
  const field = (body as BoardRefusal | undefined)?.error?.options?.field;
  const message = 'is not a value the board takes';
  if (typeof field !== 'string') return problem('invalid-parameter', { detail: `A parameter ${message}.` });
  return problem('invalid-parameter', {
    detail: `A parameter is not valid: ${field} ${message}.`,
    errors: [{ path: `/${field}`, message }],
  });
}
