import type { Tenant } from '@tessera/contracts';
import { revertJobId, type Batch } from '../batches/batch.js';
import { BatchStore } from '../batches/batch-store.js';
import { HiddenBatches } from '../events/hidden-batches.js';
import { JobStore } from '../jobs/job-store.js';
import { testDatabase } from '../test-database.fixture.js';
import { WithdrawnBatches } from './withdrawn-batches.js';

const database = testDatabase();
const [batches, hidden] = [new BatchStore(database), new HiddenBatches(database)];
const withdrawn = new WithdrawnBatches(database);
const tenant: Tenant = { organisation: 'ORG@TesseraOrg', sandbox: 'prod' };

/** Real: MongoDB. */
describe('a batch whose deletion was withdrawn', () => {
  const create = (id: string, more: Partial<Batch> = {}) =>
    batches.create({
      ...{ id, tenant, datasetId: 'd', behavior: 'time-series', status: 'success', inputFormat: { format: 'json' } },
      ...{ enableErrorDiagnostics: false, partialIngestionPercent: 0, created: 1, updated: 1, createdUser: 'me' },
      ...{ updatedUser: 'me', version: 1, requestId: 'r', errors: [], completedAt: 2, finishedAt: 3, ...more },
      metrics: { inputRecordCount: 1, outputRecordCount: 1, failedRecordCount: 0, inputByteSize: 1 },
    });
  /** As its deletion leaves it. */
  const takenBack = async (id: string, requestId = 'deletion'): Promise<void> => {
    await create(id);
    await batches.transition(tenant, id, ['success'], 'inactive', { requestId });
    await hidden.change(tenant, { hide: [id] });
  };
  const state = async (id: string) => [
    (await batches.find(tenant, id))?.status,
    (await hidden.read(tenant)).includes(id) ? 'hidden' : 'seen',
  ];

  it('is seen again, and as successful as it was', async () => {
    await takenBack('b');
    expect(await withdrawn.reinstate(tenant, 'b', 'deletion')).toBe(true);
    expect(await state('b')).toEqual(['success', 'seen']);
    expect(await batches.find(tenant, 'b')).toMatchObject({ finishedAt: 3, version: 3 });
    // A worker that had not found out.
    await hidden.change(tenant, { hide: ['b'] });
    expect(await withdrawn.reinstate(tenant, 'b', 'deletion')).toBe(true);
    expect(await state('b')).toEqual(['success', 'seen']);
  });

  it('stays away that another deletion is removing', async () => {
    await takenBack('again', 'another');
    expect(await withdrawn.reinstate(tenant, 'again', 'deletion')).toBe(false);
    expect(await state('again')).toEqual(['inactive', 'hidden']);
  });

  it('stays away that was reverted meanwhile', async () => {
    await takenBack('reverted');
    const order = { requestedBy: 'c', requestId: 'r', createdAt: 1 };
    const job = { id: revertJobId('reverted'), type: 'REVERT_BATCH', properties: {}, ...order } as const;
    await new JobStore(database).create(tenant, job);
    expect(await withdrawn.reinstate(tenant, 'reverted', 'deletion')).toBe(false);
    expect(await state('reverted')).toEqual(['inactive', 'hidden']);
  });

  it('stays away whose place another one has taken', async () => {
    await takenBack('replaced');
    await create('successor', { replay: { predecessors: ['replaced'], reason: 'replace' } });
    expect(await withdrawn.reinstate(tenant, 'replaced', 'deletion')).toBe(false);
    expect(await state('replaced')).toEqual(['inactive', 'hidden']);
  });

  it('is nothing to bring back where it never succeeded, or is gone', async () => {
    await create('given-up', { status: 'aborted' });
    expect(await withdrawn.reinstate(tenant, 'given-up', 'deletion')).toBe(false);
    expect(await withdrawn.reinstate(tenant, 'unknown', 'deletion')).toBe(false);
  });
});
