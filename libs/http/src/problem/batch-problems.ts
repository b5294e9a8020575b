import type { CatalogueEntry } from './catalogue.js';

/** Errors of batches and their files. */
export const batchProblems = {
  'unknown-batch': {
    status: 404,
    code: 'TSR-BAT-0404',
    title: 'Unknown batch',
    help: 'The sandbox has no batch of this id, or not for this dataset.',
  },
  'unknown-batch-file': {
    status: 404,
    code: 'TSR-BAT-1404',
    title: 'Unknown file of a batch',
    help: 'The batch has no file of this name; the lists of its files name all there are.',
  },
  'batch-exists': {
    status: 409,
    code: 'TSR-BAT-0409',
    title: 'Batch exists',
    help: 'Another batch of the sandbox has this `externalId`; it may have been created by an earlier try of the same call.',
  },
  'batch-status': {
    status: 409,
    code: 'TSR-BAT-1409',
    title: 'Not possible in the status of the batch',
    help: 'Files are taken while a batch is `loading`; what else is possible when is described with each operation.',
  },
  'upload-incomplete': {
    status: 409,
    code: 'TSR-BAT-2409',
    title: 'Upload incomplete',
    help: 'Bytes of a file are missing, or a file is not completed yet; the detail names the first.',
  },
  'upload-not-open': {
    status: 409,
    code: 'TSR-BAT-3409',
    title: 'Upload not open',
    help: 'Parts are taken between INITIALIZE and COMPLETE of a file; send INITIALIZE to begin it anew.',
  },
  'range-not-acceptable': {
    status: 416,
    code: 'TSR-BAT-0416',
    title: 'Range not acceptable',
    help: 'The range overlaps a part of other bounds, or lies beyond the announced size; `HEAD` tells what is there.',
  },
} as const satisfies Record<string, CatalogueEntry>;
