import type { CatalogueEntry } from './catalogue.js';

/** Errors of deletions. */
export const deletionProblems = {
  'batch-of-records': {
    status: 400,
    code: 'TSR-DEL-0400',
    title: 'Batch can only be specified for EE type',
    help: 'A batch of record data cannot be deleted alone, since later records may have overwritten it; delete the dataset, or revert the batch.',
  },
  'deletion-running': {
    status: 422,
    code: 'TSR-DEL-0422',
    title: 'The same deletion is running',
    help: 'An identical request is not done yet; the detail names it. Follow that one, or remove it first.',
  },
  'unknown-receipt': {
    status: 404,
    code: 'TSR-DEL-0404',
    title: 'No receipt',
    help: 'Deletions have a receipt once they have ended; other jobs have none.',
  },
  'dataset-deletion-running': {
    status: 409,
    code: 'TSR-DEL-1409',
    title: 'The deletion of a removed dataset cannot be stopped',
    help: 'The dataset is gone already, and nobody could delete what would be left of it; wait until its data is gone, then remove the request.',
  },
  'sandbox-deletion-running': {
    status: 409,
    code: 'TSR-DEL-0409',
    title: 'The deletion of a sandbox cannot be stopped',
    help: 'The sandbox is gone already; wait until its data is, then remove the request.',
  },
} as const satisfies Record<string, CatalogueEntry>;
