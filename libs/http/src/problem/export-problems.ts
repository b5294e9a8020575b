import type { CatalogueEntry } from './catalogue.js';

/** Errors of exports. */
export const exportProblems = {
  'unknown-export-job': {
    status: 404,
    code: 'TSR-EXP-0404',
    title: 'Unknown export job',
    help: 'The sandbox has no export job of this id.',
  },
  'export-ended': {
    status: 409,
    code: 'TSR-EXP-0409',
    title: 'Export ended',
    help: 'The export has succeeded, failed or was cancelled already; what it wrote stays as it is.',
  },
  'unknown-output-file': {
    status: 404,
    code: 'TSR-EXP-1404',
    title: 'Unknown file',
    help: 'The sandbox has no file of this id, or the file has no part of this name; the lists of files name all there are.',
  },
  'range-not-satisfiable': {
    status: 416,
    code: 'TSR-EXP-0416',
    title: 'Range not satisfiable',
    help: 'The header Range asks for bytes beyond the end of the file; HEAD tells its length.',
  },
} as const satisfies Record<string, CatalogueEntry>;
