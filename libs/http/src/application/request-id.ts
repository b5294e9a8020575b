import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Ids taken from clients: printable, without blanks, bounded, so that they are safe in headers, logs and messages. */
const acceptable = /^[\w.:~+/=@-]{1,128}$/;

/** The request's id: the client's `x-request-id` where it is acceptable, else a new one. */
export function requestIdOf(request: Pick<IncomingMessage, 'headers'>): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && acceptable.test(given) ? given : randomUUID();
}
