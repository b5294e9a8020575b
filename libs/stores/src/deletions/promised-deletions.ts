import type { Collection } from 'mongodb';
import { available } from '../bulk.js';
import type { Database } from '../database.js';
import { DeletionAcceptance, type NewDeletion } from './deletion-acceptance.js';

/** A request to delete as it was recorded before there were jobs for it. */
interface PromisedDeletionDocument {
  readonly _id: string;
  readonly tenant: string;
  readonly organisation: string;
  readonly sandbox: string;
  readonly subject: { readonly kind: 'dataset'; readonly datasetId: string } | { readonly kind: 'sandbox' };
  /** Epoch ms. */
  readonly acceptedAt: number;
  readonly requestedBy: string;
  readonly requestId: string;
}

/** Turns requests recorded by earlier versions into jobs, at their time. Any number of workers may; it may be repeated. */
export async function adoptPromisedDeletions(database: Database): Promise<void> {
  const promised: Collection<PromisedDeletionDocument> = database.collection('deletion_requests');
  const acceptance = new DeletionAcceptance(database);
  const sandboxes = database.collection<{ readonly _id: string; readonly id: string }>('sandboxes');
  for (const document of await available(promised.find().sort({ acceptedAt: 1, _id: 1 }).toArray())) {
    const { _id, tenant: key, organisation, sandbox, subject, acceptedAt, requestedBy, requestId } = document;
    const deletion: NewDeletion = {
      tenant: { organisation, sandbox },
      subject:
        subject.kind === 'dataset'
          ? { kind: 'dataset', datasetId: subject.datasetId, isRemoved: true }
          : {
              kind: 'sandbox',
              sandboxName: sandbox,
              sandboxId: (await available(sandboxes.findOne({ _id: key })))?.id ?? '',
            },
      order: { requestedBy, requestId },
    };
    await acceptance.adopt(deletion, _id, acceptedAt);
    await available(promised.deleteOne({ _id, tenant: key }));
  }
}
