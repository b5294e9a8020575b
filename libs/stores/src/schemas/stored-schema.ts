import type { JsonObject, Tenant } from '@tessera/contracts';

/** A schema of a sandbox, with what the registry added to it. */
export interface StoredSchema {
  /** `$id`, unique across sandboxes. */
  readonly id: string;
  /** `meta:altId`. */
  readonly altId: string;
  readonly tenant: Tenant;
  /** Id of its class. */
  readonly classId: string;
  readonly title: string;
  /** Whether records of it may feed profiles: it is part of the union of its class. */
  readonly enabled: boolean;
  /** `<major>.<minor>`; every change raises it. */
  readonly version: string;
  /** Epoch ms. */
  readonly created: number;
  /** Epoch ms. */
  readonly updated: number;
  /** Client id. */
  readonly createdClient: string;
  /** The schema as the client wrote it. */
  readonly document: JsonObject;
}

/** An identity descriptor: a field of a schema whose values are identities. Never changes. */
export interface StoredDescriptor {
  readonly id: string;
  readonly tenant: Tenant;
  readonly schemaId: string;
  /** Namespace code, as registered. */
  readonly namespace: string;
  readonly isPrimary: boolean;
  /** Epoch ms. */
  readonly created: number;
  /** The descriptor as the client wrote it. */
  readonly document: JsonObject;
}

/** Everything a sandbox registered, as it was at one revision. */
export interface RegistrySnapshot {
  /** Raised by every change. */
  readonly revision: number;
  /** Oldest first. */
  readonly schemas: readonly StoredSchema[];
  /** Oldest first. */
  readonly descriptors: readonly StoredDescriptor[];
}

/** One change of a sandbox's registry, done whole or not at all. */
export interface RegistryChange {
  readonly schemas?: readonly StoredSchema[];
  readonly descriptors?: readonly StoredDescriptor[];
  readonly deletedSchemas?: readonly string[];
  readonly deletedDescriptors?: readonly string[];
}
