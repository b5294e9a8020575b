import type { JsonObject } from '@tessera/contracts';
import { isJsonObject } from '../merge/canonical-json.js';
import type { DataBehavior } from '../record/read-record.js';
import { builtInSchemas, businessSchemas } from '../record/schemas.js';

/** What a schema describes: attributes of somebody or something, or events. Every schema is of exactly one class. */
export interface SchemaClass {
  /** Also the id of the built-in schema of the class. */
  readonly id: string;
  /** The other spelling, used by lookups and as `meta:altId`. */
  readonly name: string;
  readonly title: string;
  readonly behavior: DataBehavior;
}

/** The classes there are (spec 03-ingestion, "Schemas"; spec 06-entities for accounts and opportunities). */
export const schemaClasses: readonly SchemaClass[] = [
  { id: builtInSchemas.profile, name: '_xdm.context.profile', title: 'XDM Individual Profile', behavior: 'record' },
  {
    id: builtInSchemas.event,
    name: '_xdm.context.experienceevent',
    title: 'XDM ExperienceEvent',
    behavior: 'time-series',
  },
  { id: businessSchemas.account, name: '_xdm.context.account', title: 'XDM Business Account', behavior: 'record' },
  {
    id: businessSchemas.opportunity,
    name: '_xdm.context.opportunity',
    title: 'XDM Business Opportunity',
    behavior: 'record',
  },
];

/** Finds a class by its id or its name. */
export function schemaClassOf(spelling: unknown): SchemaClass | undefined {
  return schemaClasses.find(({ id, name }) => id === spelling || name === spelling);
}

/** The class a schema names in `meta:class`, or else refers to in its `allOf`, as published clients write either. */
export function declaredClass(document: JsonObject): SchemaClass | undefined {
  if (document['meta:class'] !== undefined) return schemaClassOf(document['meta:class']);
  const { allOf } = document;
  if (!Array.isArray(allOf)) return undefined;
  return allOf
    .map((part) => (isJsonObject(part) ? schemaClassOf(part['$ref']) : undefined))
    .find((found) => found !== undefined);
}
