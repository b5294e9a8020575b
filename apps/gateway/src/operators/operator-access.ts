import { parseCookie, stringifySetCookie } from 'cookie';
import { problem, type AccessControl, type GuardedRequest } from '@tessera/http';
import type { OperatorSessionStore } from '@tessera/stores';

/** Where pages for operators begin; the cookie goes nowhere else. */
const OPERATOR_PATH = '/ops';
export const SESSIONS_PATH = `${OPERATOR_PATH}/sessions`;
const COOKIE = 'tessera_ops';
const SESSION_SECONDS = 900;

/**
 * Lets operators at pages. Programs send a bearer token, as everywhere. A browser sends none by itself: it shows the token
 * once and gets a short session, in a cookie that scripts cannot read and other sites cannot make it send.
 */
export class OperatorAccess {
  /**
   * @param access known once the application is put together.
   * @param secure whether browsers reach the gateway by HTTPS only.
   */
  constructor(
    private readonly access: () => AccessControl,
    private readonly sessions: OperatorSessionStore,
    private readonly secure: boolean,
  ) {}

  /**
   * Opens a session that ends after a quarter of an hour, or with the token.
   *
   * @returns the value of the header `Set-Cookie`.
   * @throws ProblemError 401 or 403 for a token that is none, or does not hold the scope.
   */
  async openSession(token: string): Promise<string> {
    const { clientId, expiresAt } = await this.access().grantOf(token, 'ops');
    const maxAge = Math.max(1, Math.min(SESSION_SECONDS, Math.floor(expiresAt - Date.now() / 1_000)));
    const secret = await this.sessions.open(clientId, new Date(Date.now() + maxAge * 1_000));
    return stringifySetCookie({
      name: COOKIE,
      value: secret,
      path: OPERATOR_PATH,
      maxAge,
      httpOnly: true,
      sameSite: 'strict',
      secure: this.secure,
    });
  }

  /** @throws ProblemError 401 or 403. */
  async admit({ authorization, cookie }: GuardedRequest): Promise<void> {
    if (authorization !== undefined) {
      const token = /^Bearer +([^\s]+) *$/i.exec(authorization)?.[1];
      await this.access().grantOf(token ?? '', 'ops');
      return;
    }
    const secret = parseCookie(cookie ?? '')[COOKIE];
    if (secret !== undefined && (await this.sessions.isOpen(secret))) return;
    throw problem('missing-token', {
      detail: `Open ${SESSIONS_PATH} in a browser to begin a session, or send the header Authorization: Bearer <access token>.`,
      headers: { 'www-authenticate': 'Bearer realm="tessera"' },
    });
  }
}
