import type { ExportOrder, SegmentWanted } from '@tessera/domain';
import type { ExportPlan, Job } from '@tessera/stores';
import { publicationOf } from './publication.js';

const job: Job = {
  ...{ id: 'export.A.000000000007', tenant: { organisation: 'A', sandbox: 'prod' }, type: 'EXPORT', properties: {} },
  ...{ status: 'IN-PROGRESS', progress: 0, metrics: {}, requestedBy: 'me', requestId: 'r', createdAt: 1, updatedAt: 1 },
};
const plan: ExportPlan = {
  ...{ jobId: job.id, ranges: 1, profileUnion: {}, eventUnion: {}, round: 0, fences: [], startedAt: 2 },
  visibility: { now: 2, keptFor: new Map(), hidden: [] },
};

/** The tags of the batches of an export with an output for each of these. */
function tagsOf(segments: readonly (SegmentWanted | undefined)[]) {
  const order: ExportOrder = {
    ...{ number: 7, datasetId: 'd', format: 'json', people: {}, emptyProfiles: false, snapshot: '1.1' },
    policy: { graph: 'none', attributeMerge: { type: 'timestampOrdered' } },
    outputs: segments.map((segment, index) => ({ batchId: `B${index}`, ...(segment && { segment }) })),
  };
  return publicationOf(job, order, plan, [], 3).batches.map(({ tags }) => tags);
}

describe('batches of an export', () => {
  it('name the export they come from', () => {
    expect(tagsOf([undefined])).toEqual([{ 'tessera/exportJob': ['7'] }]);
  });

  it('name all that says whom they are of, where each segment has its own', () => {
    const exited = { segmentId: 'vip', segmentNs: 'ups', status: ['exited', 'existing'] };
    expect(tagsOf([{ segmentId: 'vip' }, exited])).toEqual([
      { 'tessera/exportJob': ['7'], 'tessera/segment': ['vip'] },
      {
        'tessera/exportJob': ['7'],
        'tessera/segment': ['vip'],
        'tessera/segmentNs': ['ups'],
        'tessera/segmentStatus': ['exited', 'existing'],
      },
    ]);
  });
});
