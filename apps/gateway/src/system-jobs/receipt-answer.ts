import { exportNumber, isClean, receiptStores, type DeletionReceipt, type Job } from '@tessera/stores';

const count = { type: 'integer' };
const instant = { type: 'string', format: 'date-time' };

export const receiptSchema = {
  type: 'object',
  required: ['id', 'requestType', 'acceptedAt', 'stores', 'exports', 'verification'],
  properties: {
    id: { type: 'string', description: 'Of the system job' },
    requestType: { type: 'string' },
    acceptedAt: { ...instant, description: 'What was accepted until then went, whenever it arrived' },
    stores: {
      type: 'object',
      description:
        'What was removed from each store, and what the scan found there afterwards. `views` are always zero: nothing is merged ahead',
      additionalProperties: { type: 'object', properties: { removed: count, remaining: count } },
    },
    exports: {
      type: 'array',
      description:
        'Finished exports that still contain some of it. Of a person: those whose files, all looked into, have them. Of a dataset or batch: all made before, whose files are kept',
      items: {
        type: 'object',
        properties: {
          id: { type: 'integer', description: 'Of the export, as its own answers have it' },
          datasetId: { type: 'string' },
          batchIds: { type: 'array', items: { type: 'string' } },
          createdAt: instant,
        },
      },
    },
    uploads: {
      type: 'array',
      description:
        'Of a person: batches completed before, whose uploaded files are kept and may have them. The files go when they are old, or with their batch or dataset',
      items: {
        type: 'object',
        properties: { batchId: { type: 'string' }, datasetId: { type: 'string' }, completedAt: instant },
      },
    },
    verification: {
      type: 'object',
      description: 'The scan of all stores that was made after the removal',
      properties: { scannedAt: instant, clean: { type: 'boolean' } },
    },
  },
};

/** The receipt of a deletion as answers show it. */
export function receiptAnswer({ id, type }: Job, receipt: DeletionReceipt) {
  const { at, removed, exports, uploads = [], verification } = receipt;
  const stores = receiptStores.map((store) => {
    return [store, { removed: removed[store] ?? 0, remaining: verification.remaining[store] ?? 0 }] as const;
  });
  return {
    id,
    requestType: type,
    acceptedAt: instantOf(at),
    stores: Object.fromEntries(stores),
    exports: exports.map(({ jobId, createdAt, ...where }) => ({
      id: exportNumber(jobId),
      ...where,
      createdAt: instantOf(createdAt),
    })),
    uploads: uploads.map(({ completedAt, ...where }) => ({ ...where, completedAt: instantOf(completedAt) })),
    verification: { scannedAt: instantOf(verification.at), clean: isClean(receipt) },
  };
}

function instantOf(time: number): string {
  return new Date(time).toISOString();
}
