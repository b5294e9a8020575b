import type { Tenant } from '@tessera/contracts';

/** A streaming connection (spec 03-ingestion, "Streaming"). */
export interface StoredConnection {
  readonly id: string;
  readonly tenant: Tenant;
  readonly name: string;
  readonly description?: string;
  readonly connectionSpec: { readonly id: string; readonly version?: string };
  readonly params: {
    readonly name?: string;
    readonly sourceId?: string;
    readonly dataType: string;
    /** Whether its inlet takes records only with a token. */
    readonly authenticationRequired: boolean;
  };
  /** 64 hex digits nobody can guess; they are the address records are sent to. */
  readonly inletId: string;
  /** Changes with every change of the connection. */
  readonly etag: string;
  /** Epoch ms. */
  readonly createdAt: number;
  /** Epoch ms. */
  readonly updatedAt: number;
  /** Client id. */
  readonly createdBy: string;
}

/** A place in the list of connections. */
export interface ConnectionPlace {
  readonly createdAt: number;
  readonly id: string;
}
