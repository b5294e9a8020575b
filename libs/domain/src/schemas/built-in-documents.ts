import type { JsonObject } from '@tessera/contracts';
import { builtInSchemas, businessSchemas } from '../record/schemas.js';
import { schemaClasses } from './schema-class.js';

const text = (title: string): JsonObject => ({ title, type: 'string' });
const dateTime = (title: string): JsonObject => ({ title, type: 'string', format: 'date-time' });
const object = (title: string, properties: JsonObject): JsonObject => ({ title, type: 'object', properties });

/** What every record and event may say of its origin. */
const origin: JsonObject = {
  _id: text('Identifier'),
  createdByBatchID: text('Batch that created it'),
  modifiedByBatchID: text('Batch that changed it last'),
  extSourceSystemAudit: object('Audit of the source system', {
    createdBy: text('Created by'),
    createdDate: dateTime('Created'),
    lastUpdatedBy: text('Last updated by'),
    lastUpdatedDate: dateTime('Last updated'),
  }),
};

const address = object('Address', {
  street1: text('Street'),
  street2: text('Street, second line'),
  city: text('City'),
  postalCode: text('Postal code'),
  stateProvince: text('State or province'),
  country: text('Country'),
  countryCode: text('Country code'),
});

const properties: Readonly<Record<string, JsonObject>> = {
  [builtInSchemas.profile]: {
    ...origin,
    person: object('Person', {
      name: object('Name', {
        firstName: text('First name'),
        middleName: text('Middle name'),
        lastName: text('Last name'),
        fullName: text('Full name'),
        courtesyTitle: text('Title'),
        suffix: text('Suffix'),
      }),
      birthDate: { title: 'Date of birth', type: 'string', format: 'date' },
      gender: text('Gender'),
    }),
    personalEmail: object('Personal email', { address: text('Address') }),
    workEmail: object('Work email', { address: text('Address') }),
    mobilePhone: object('Mobile phone', { number: text('Number') }),
    homePhone: object('Home phone', { number: text('Number') }),
    homeAddress: address,
  },
  [builtInSchemas.event]: {
    ...origin,
    timestamp: dateTime('Timestamp'),
    eventType: text('Event type'),
    producedBy: text('Produced by'),
  },
  [businessSchemas.account]: origin,
  [businessSchemas.opportunity]: origin,
};

const IDENTITY_MAP = 'https://ns.adobe.com/xdm/context/identitymap';

/** The field `identityMap`, for schemas to refer to. */
export const identityMapDocument: JsonObject = {
  $id: IDENTITY_MAP,
  title: 'IdentityMap',
  type: 'object',
  properties: {
    identityMap: {
      title: 'Identity map',
      type: 'object',
      additionalProperties: {
        type: 'array',
        items: { type: 'object', properties: { id: text('Identity'), primary: { title: 'Primary', type: 'boolean' } } },
      },
    },
  },
};

const classDocuments = schemaClasses.map(({ id, name, title, behavior }): JsonObject => ({
  $id: id,
  'meta:altId': name,
  'meta:resourceType': 'schemas',
  version: '1.0',
  title,
  type: 'object',
  'meta:class': id,
  'meta:behavior': behavior,
  properties: properties[id] ?? {},
  'meta:immutableTags': ['union'],
}));

const byId = new Map(
  [...classDocuments, identityMapDocument].flatMap((document) =>
    ['$id', 'meta:altId'].map((key) => [document[key], document] as const),
  ),
);

/** The schemas of the classes, which every sandbox has. Their own records are never checked against them. */
export const builtInSchemaDocuments: readonly JsonObject[] = classDocuments;

/** A built-in schema, or group of fields to refer to, by either spelling of its id. */
export function builtInDocument(id: string): JsonObject | undefined {
  return byId.get(id);
}
