import type { Tenant } from '@tessera/contracts';
import { objectKey } from './object-key.js';
import type { ObjectKey } from './object-storage.js';

/**
 * Keys of what belongs to one batch. A client's file names are no part of them: each upload is an object of its own, and
 * the batch knows which of them its files are.
 */
export interface BatchObjects {
  /** Everything of the batch. */
  readonly all: ObjectKey;
  /** Every upload. */
  readonly uploads: ObjectKey;
  /** Every part of the diagnostics. */
  readonly rowErrors: ObjectKey;
  /** One upload. @param uploadId made by us, new for each. */
  upload(uploadId: string): ObjectKey;
  /**
   * Bad rows as JSON lines, each the row as given with `_errors: [{code, path, message}]`.
   *
   * @param part such as `part-0.json`; what users call it by.
   */
  rowErrorsPart(part: string): ObjectKey;
}

/** Where the objects of a batch lie. */
export function batchObjects({ organisation, sandbox }: Tenant, batchId: string): BatchObjects {
  const batch = [organisation, sandbox, 'batches', batchId];
  return {
    all: objectKey(...batch),
    uploads: objectKey(...batch, 'uploads'),
    rowErrors: objectKey(...batch, 'row_errors'),
    upload: (uploadId) => objectKey(...batch, 'uploads', uploadId),
    rowErrorsPart: (part) => objectKey(...batch, 'row_errors', part),
  };
}
