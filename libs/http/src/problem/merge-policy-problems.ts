import type { CatalogueEntry } from './catalogue.js';

/** Errors of merge policies. */
export const mergePolicyProblems = {
  'unknown-policy': {
    status: 404,
    code: 'TSR-POL-0404',
    title: 'Unknown merge policy',
    help: 'The sandbox has no merge policy of this id, or the policy never had this version.',
  },
  'policy-changed': {
    status: 409,
    code: 'TSR-POL-0409',
    title: 'Merge policy changed meanwhile',
    help: 'Somebody else changed the policy at the same moment, or a `test` of the patch failed; read it again and repeat.',
  },
  'policy-in-use': {
    status: 409,
    code: 'TSR-POL-1409',
    title: 'Merge policy in use',
    help: 'A policy that is active on edge, or the only default of its schema, cannot be deleted; let another take over first.',
  },
  'too-many-policies': {
    status: 409,
    code: 'TSR-POL-2409',
    title: 'Too many merge policies',
    help: 'A sandbox has 50 merge policies at most; delete one first.',
  },
} as const satisfies Record<string, CatalogueEntry>;
