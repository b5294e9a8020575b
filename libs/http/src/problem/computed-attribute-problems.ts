import type { CatalogueEntry } from './catalogue.js';

/** Errors of computed attributes. */
export const computedAttributeProblems = {
  'invalid-expression': {
    status: 400,
    code: 'TSR-ATT-0400',
    title: 'Expression at fault',
    help: 'The PQL expression cannot be read or makes no sense. Each entry of `errors` has the line and column, what is wrong there and what was expected.',
  },
  'unknown-computed-attribute': {
    status: 404,
    code: 'TSR-ATT-0404',
    title: 'Unknown computed attribute',
    help: 'The sandbox has no computed attribute of this id.',
  },
  'computed-attribute-exists': {
    status: 409,
    code: 'TSR-ATT-0409',
    title: 'Computed attribute exists',
    help: 'Another computed attribute of the sandbox has this name; choose another.',
  },
  'too-many-computed-attributes': {
    status: 409,
    code: 'TSR-ATT-1409',
    title: 'Too many computed attributes',
    help: 'A sandbox has 100 active computed attributes at most; disable one first.',
  },
  'computed-attribute-changed': {
    status: 409,
    code: 'TSR-ATT-2409',
    title: 'Computed attribute changed meanwhile',
    help: 'A `test` of the patch failed, as somebody else changed the computed attribute; read it again and repeat the change.',
  },
  'computed-attribute-fixed': {
    status: 422,
    code: 'TSR-ATT-0422',
    title: 'Not in this state',
    help: 'What may be done with a computed attribute depends on its status: a draft may be changed in everything, published and deleted; a new one in its displayName and description; one that is published may be disabled.',
  },
} as const satisfies Record<string, CatalogueEntry>;
