import type { JsonObject, RecordOperation } from '@tessera/contracts';

/** The two built-in schemas (spec 03-ingestion). */
export const builtInSchemas = {
  profile: 'https://ns.adobe.com/xdm/context/profile',
  event: 'https://ns.adobe.com/xdm/context/experienceevent',
} as const;

/** Names of the built-in classes, as `schema.name` of a lookup takes them. */
export const schemaNames = { profile: '_xdm.context.profile', event: '_xdm.context.experienceevent' } as const;

/** A dataset as a producer needs it. */
export interface DataSetReference {
  readonly id: string;
  readonly schemaId: string;
}

/** One streamed record or event: the published envelope. */
export interface RecordMessage {
  readonly header: {
    readonly schemaRef: SchemaReference;
    readonly imsOrgId: string;
    readonly datasetId: string;
    readonly source: { readonly name: string };
    readonly operations?: { readonly data: RecordOperation };
  };
  readonly body: { readonly xdmMeta: { readonly schemaRef: SchemaReference }; readonly xdmEntity: JsonObject };
}

interface SchemaReference {
  readonly id: string;
  readonly contentType: string;
}

/** A schema as headers, bodies and datasets refer to it. */
export function schemaReference(id: string): SchemaReference {
  return { id, contentType: 'application/vnd.adobe.xed-full+json;version=1' };
}

/** Wraps what is known about a person, or one event, into the envelope of its dataset. */
export function recordMessage(
  dataSet: DataSetReference,
  organisation: string,
  entity: JsonObject,
  operation?: RecordOperation,
): RecordMessage {
  const schemaRef = schemaReference(dataSet.schemaId);
  return {
    header: {
      schemaRef,
      imsOrgId: organisation,
      datasetId: dataSet.id,
      source: { name: 'tessera-tools' },
      ...(operation === undefined ? {} : { operations: { data: operation } }),
    },
    body: { xdmMeta: { schemaRef }, xdmEntity: entity },
  };
}
