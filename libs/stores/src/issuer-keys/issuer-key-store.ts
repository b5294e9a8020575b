import type { Collection } from 'mongodb';
import { available } from '../bulk.js';
import { isDuplicateKey, type Database } from '../database.js';

/** A signing key of the built-in development issuer. */
export interface IssuerKey {
  readonly keyId: string;
  /** The private key as a JSON Web Key (RFC 7517), JSON text. */
  readonly privateKey: string;
}

interface IssuerKeyDocument extends IssuerKey {
  /** There is one key: whoever comes first creates it, everybody uses it. */
  readonly _id: 'development';
  readonly created: Date;
}

/** The key that all gateways of a deployment sign with, so that each accepts the tokens of every other, also later. */
export class IssuerKeyStore {
  private readonly keys: Collection<IssuerKeyDocument>;

  constructor(database: Database) {
    this.keys = database.collection('issuer_keys');
  }

  async find(): Promise<IssuerKey | undefined> {
    return (await available(this.keys.findOne({ _id: 'development' }))) ?? undefined;
  }

  /** Keeps `candidate` if there is no key yet. @returns the key that is kept, which may be another gateway's. */
  async findOrKeep(candidate: IssuerKey): Promise<IssuerKey> {
    for (;;) {
      try {
        const kept = await available(
          this.keys.findOneAndUpdate(
            { _id: 'development' },
            { $setOnInsert: { ...candidate, created: new Date() } },
            { upsert: true, returnDocument: 'after' },
          ),
        );
        if (kept) return kept;
      } catch (error) {
        // Two at once: the loser's upsert collides, and finds the winner's key when it tries again.
        if (!isDuplicateKey(error)) throw error;
      }
    }
  }
}
