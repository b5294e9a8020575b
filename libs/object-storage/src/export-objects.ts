import type { Tenant } from '@tessera/contracts';
import { objectKey } from './object-key.js';
import type { ObjectKey } from './object-storage.js';

/** Keys of what one export writes. */
export interface ExportObjects {
  /** Everything of the export. */
  readonly all: ObjectKey;
  /** One file. @param name made by us, the same whenever the file is written again. */
  file(name: string): ObjectKey;
}

/** Where the files of an export lie. Nobody can read them there before the export is published. */
export function exportObjects({ organisation, sandbox }: Tenant, jobId: string): ExportObjects {
  const job = [organisation, sandbox, 'exports', jobId];
  return { all: objectKey(...job), file: (name) => objectKey(...job, name) };
}
