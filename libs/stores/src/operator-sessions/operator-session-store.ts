import { hash, randomBytes } from 'node:crypto';
import type { Collection } from 'mongodb';
import { available } from '../bulk.js';
import type { Database } from '../database.js';
import type { IndexDefinition } from '../indexes.js';

/** Somebody who showed a token with the scope `ops` and now looks at pages in a browser. */
interface OperatorSessionDocument {
  /** Digest of the secret that the browser holds: who reads the collection learns no secret. */
  readonly _id: string;
  readonly clientId: string;
  readonly expireAt: Date;
}

export const operatorSessionIndexes: readonly IndexDefinition[] = [
  { collection: 'operator_sessions', key: { expireAt: 1 }, options: { expireAfterSeconds: 0 } },
];

/** Short sessions of operators, the same for every gateway of the deployment. They belong to no tenant. */
export class OperatorSessionStore {
  private readonly sessions: Collection<OperatorSessionDocument>;

  constructor(database: Database) {
    this.sessions = database.collection('operator_sessions');
  }

  /** @returns the secret by which the session is recognised. @throws UnavailableError */
  async open(clientId: string, expireAt: Date): Promise<string> {
    const secret = randomBytes(32).toString('base64url');
    await available(this.sessions.insertOne({ _id: idOf(secret), clientId, expireAt }));
    return secret;
  }

  /** Whether a session of this secret is open now. @throws UnavailableError */
  async isOpen(secret: string): Promise<boolean> {
    const found = this.sessions.findOne({ _id: idOf(secret), expireAt: { $gt: new Date() } });
    return (await available(found)) !== null;
  }
}

function idOf(secret: string): string {
  return hash('sha256', secret, 'base64url');
}
