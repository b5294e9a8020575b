import type { CatalogueEntry } from './catalogue.js';

/** Errors of the schema registry. */
export const schemaProblems = {
  'unknown-schema': {
    status: 404,
    code: 'TSR-SCH-0404',
    title: 'Unknown schema',
    help: 'The sandbox has no schema or union of this `$id` or `meta:altId`; ids in paths are percent-encoded.',
  },
  'unknown-descriptor': {
    status: 404,
    code: 'TSR-SCH-1404',
    title: 'Unknown descriptor',
    help: 'The sandbox has no schema descriptor of this `@id`.',
  },
  'built-in-schema': {
    status: 400,
    code: 'TSR-SCH-0400',
    title: 'Built-in schema stays',
    help: 'The schemas every sandbox is born with cannot be changed or deleted; make one that refers to them.',
  },
  'schema-in-use': {
    status: 409,
    code: 'TSR-SCH-0409',
    title: 'Schema in use',
    help: 'A dataset or another schema uses the schema, or an enabled schema needs the descriptor; the detail says which.',
  },
  'registry-changed': {
    status: 409,
    code: 'TSR-SCH-1409',
    title: 'Registry changed meanwhile',
    help: 'Others kept changing schemas of the sandbox at the same moment, or a `test` of the patch failed; send it again.',
  },
  'descriptor-exists': {
    status: 409,
    code: 'TSR-SCH-2409',
    title: 'Descriptor exists',
    help: 'The field is an identity already, or the schema has a primary identity; a schema has one at most.',
  },
  'union-conflict': {
    status: 409,
    code: 'TSR-SCH-3409',
    title: 'Fields conflict in the union',
    help: 'All schemas of a class that are enabled for profiles make one union, in which a field has one type. Name the field otherwise, or give it the type it has there.',
  },
  'change-not-additive': {
    status: 422,
    code: 'TSR-SCH-0422',
    title: 'Change is not additive',
    help: 'Records rely on the schema: it may get new fields, but none can be removed or become narrower. Make another schema instead.',
  },
  'no-primary-identity': {
    status: 422,
    code: 'TSR-SCH-1422',
    title: 'No primary identity',
    help: 'A schema is enabled for profiles once it has a primary identity descriptor, or the field `identityMap`.',
  },
  'schema-not-enabled': {
    status: 422,
    code: 'TSR-SCH-2422',
    title: 'Schema is not enabled for profiles',
    help: 'A dataset feeds profiles only if its schema has `"union"` in `meta:immutableTags`; enable the schema first.',
  },
} as const satisfies Record<string, CatalogueEntry>;
