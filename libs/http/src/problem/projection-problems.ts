import type { CatalogueEntry } from './catalogue.js';

/** Errors of projections, and of the edges that hold them. */
export const projectionProblems = {
  'unknown-destination': {
    status: 404,
    code: 'TSR-PRJ-0404',
    title: 'Unknown projection destination',
    help: 'The sandbox has no destination of this id.',
  },
  'unknown-projection': {
    status: 404,
    code: 'TSR-PRJ-1404',
    title: 'Unknown projection',
    help: 'The sandbox has no projection configuration of this id; or, at an edge, none of this name for this data centre.',
  },
  'unknown-data-center': {
    status: 404,
    code: 'TSR-PRJ-2404',
    title: 'Unknown data centre',
    help: 'The edge does not serve a data centre of this name; the platform is configured with those there are.',
  },
  'projection-changed': {
    status: 409,
    code: 'TSR-PRJ-0409',
    title: 'Changed meanwhile',
    help: 'The version in the body is not the current one: somebody else changed the destination or configuration. Read it again and repeat the change.',
  },
  'projection-exists': {
    status: 409,
    code: 'TSR-PRJ-1409',
    title: 'Projection exists',
    help: 'Another configuration of the same schema has this name; choose another.',
  },
  'destination-in-use': {
    status: 409,
    code: 'TSR-PRJ-2409',
    title: 'Destination in use',
    help: 'A projection configuration uses the destination; delete it, or give it another destination, first.',
  },
  'too-many-projections': {
    status: 409,
    code: 'TSR-PRJ-3409',
    title: 'Too many projections',
    help: 'A sandbox has 100 destinations and 100 projection configurations at most; delete one first.',
  },
} as const satisfies Record<string, CatalogueEntry>;
