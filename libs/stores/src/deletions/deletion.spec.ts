import type { Job } from '../jobs/job.js';
import { deletionOf, deletionProperties, subjectIds, withoutIdentities, type DeletionSubject } from './deletion.js';

describe('a deletion that has succeeded', () => {
  const member = (xid: string) => ({ xid, namespace: 'email', id: `${xid}@example.com` });
  const person: DeletionSubject = { kind: 'person', entityId: 'x1', members: [member('x1'), member('x2')] };
  const jobOf = (properties: Job['properties']): Job => ({
    ...{ id: 'j', tenant: { organisation: 'O', sandbox: 'prod' }, type: 'DELETE_PROFILE', properties },
    ...{ status: 'SUCCESS', progress: 100, metrics: {}, requestedBy: 'me', requestId: 'r' },
    ...{ createdAt: 1, updatedAt: 1 },
  });

  it('of a person still says which XIDs it was about, and no longer what they stand for', () => {
    const kept = deletionProperties(withoutIdentities(person), 7);
    expect(JSON.stringify(kept)).not.toMatch(/example|email/);
    const { subject, at } = deletionOf(jobOf(kept));
    expect(at).toBe(7);
    expect(subjectIds(subject)).toEqual(subjectIds(person));
  });

  it('of anything else says the same as before', () => {
    const dataset: DeletionSubject = { kind: 'dataset', datasetId: 'd', isRemoved: true };
    expect(withoutIdentities(dataset)).toEqual(dataset);
  });
});
