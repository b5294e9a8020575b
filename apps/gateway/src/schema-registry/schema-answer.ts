import { createHash, randomBytes } from 'node:crypto';
import { tenantKey, type JsonObject, type JsonValue, type Tenant } from '@tessera/contracts';
import { emptyObject, foreignReferences, resolvedSchema, type SchemaLookup } from '@tessera/domain';
import type { Sandbox } from '@tessera/http';
import type { StoredSchema } from '@tessera/stores';

/** How much of a schema an answer shows, by the media type asked for. */
export type Detail = 'id' | 'plain' | 'full';

/** Fields of a schema that the registry decides; what a client sends in them is ignored. */
const registryFields = new Set([
  '$id',
  'meta:altId',
  'meta:resourceType',
  'version',
  'meta:extends',
  'meta:abstract',
  'meta:extensible',
  'meta:containerId',
  'meta:tenantNamespace',
  'meta:sandboxId',
  'meta:sandboxType',
  'meta:registryMetadata',
  'meta:xdmType',
  'imsOrg',
]);

/** `application/vnd.adobe.xed-id+json` names schemas, `…xed-full+json` follows their references; all else shows them. */
export function detailOf(accept: string | undefined): Detail {
  const type = accept ?? '';
  if (/\bvnd\.adobe\.(?:xed|xdm)-(?:id|link)\+json/i.test(type)) return 'id';
  return /\bvnd\.adobe\.xed-(?:full|deprecated)[\w-]*\+json/i.test(type) ? 'full' : 'plain';
}

/** Names of a new schema. The part of the sandbox is a digest, for names of organisations are nobody else's business. */
export function newSchemaNames(tenant: Tenant): { readonly id: string; readonly altId: string } {
  const hash = randomBytes(24).toString('hex');
  const part = tenantPart(tenant);
  return { id: `https://ns.tessera.dev/${part}/schemas/${hash}`, altId: `_${part}.schemas.${hash}` };
}

/** What a client says of a schema, under the id it has. */
export function clientPart(body: JsonObject, id: string, classId: string): JsonObject {
  const document = emptyObject();
  document['$id'] = id;
  for (const key of Object.keys(body)) if (!registryFields.has(key)) document[key] = body[key] as JsonValue;
  document['type'] ??= 'object';
  document['meta:class'] = classId;
  return document;
}

/** Registry fields that differ between two shown schemas. */
export function changedRegistryFields(before: JsonObject, after: JsonObject): string[] {
  const text = (value: JsonValue | undefined) => JSON.stringify(value);
  return [...registryFields].filter((key) => text(before[key]) !== text(after[key]));
}

/** A schema as the registry shows it. */
export function schemaAnswer(schema: StoredSchema, sandbox: Sandbox): JsonObject {
  const { id, altId, tenant, classId, version, document, created, updated, createdClient } = schema;
  return Object.assign(emptyObject(), document, {
    $id: id,
    'meta:altId': altId,
    'meta:resourceType': 'schemas',
    version,
    'meta:extends': [classId, ...foreignReferences(document)],
    'meta:abstract': false,
    'meta:extensible': false,
    'meta:containerId': 'tenant',
    'meta:tenantNamespace': `_${tenantPart(tenant)}`,
    'meta:xdmType': 'object',
    imsOrg: tenant.organisation,
    'meta:sandboxId': sandbox.id,
    'meta:sandboxType': sandbox.type,
    'meta:registryMetadata': {
      'repo:createdDate': created,
      'repo:lastModifiedDate': updated,
      'xdm:createdClientId': createdClient,
    },
  });
}

/** A schema in the detail asked for. */
export function detailed(shown: JsonObject, detail: Detail, lookup: SchemaLookup): JsonObject {
  if (detail === 'full') return resolvedSchema(shown, lookup);
  if (detail === 'plain') return shown;
  const short = emptyObject();
  for (const key of ['$id', 'meta:altId', 'meta:resourceType', 'version', 'title', 'meta:class']) {
    if (shown[key] !== undefined) short[key] = shown[key];
  }
  return short;
}

function tenantPart(tenant: Tenant): string {
  return createHash('sha256').update(tenantKey(tenant)).digest('hex').slice(0, 16);
}
