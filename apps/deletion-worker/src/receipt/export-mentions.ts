import type { Tenant } from '@tessera/contracts';
import { rowSpeaksOf, type ExportOrder } from '@tessera/domain';
import {
  exportObjects,
  partedFile,
  UnknownObjectError,
  type ObjectStorage,
  type StoredObject,
} from '@tessera/object-storage';
import { FileFormatError, isFaulty, readRows } from '@tessera/record-files';
import type { Deletion, ExportMention, Job, JobReader } from '@tessera/stores';
import type { RemovalContext } from '../removal/removal.js';

/** Exports looked at together. */
const PAGE = 100;
/** Rows looked at in one step. */
const ROWS = 200;
/** What no row of a file is longer than: the platform wrote it. */
const MAX_ROW_BYTES = 1_073_741_824;

type Context = Pick<RemovalContext, 'deletion' | 'step'>;

/**
 * Finds the finished exports that still contain what a deletion removed: of a person by looking into every file that is
 * kept of those made before; of a dataset or a batch all made before whose files are kept, as rows do not say where their
 * values come from. Files are never changed: they may have been handed out and be anywhere.
 */
export class ExportMentions {
  constructor(
    private readonly jobs: Pick<JobReader, 'list'>,
    private readonly storage: ObjectStorage,
  ) {}

  /** Since when something was there cannot be told: newer records have taken the place of older ones. @throws UnavailableError */
  async of(context: Context): Promise<ExportMention[]> {
    const { tenant, at } = context.deletion;
    const mentions: ExportMention[] = [];
    const filter = { types: ['EXPORT'], statuses: ['SUCCESS'] } as const;
    for (let start = 0; ; start += PAGE) {
      const { children } = await this.jobs.list(tenant, filter, { start, limit: PAGE });
      for (const job of children) {
        if (job.createdAt <= at && (await this.mentions(context, job))) mentions.push(mentionOf(job));
      }
      if (children.length < PAGE) return mentions;
    }
  }

  private async mentions(context: Context, { id, tenant }: Job): Promise<boolean> {
    const files = await this.storage.list(exportObjects(tenant, id).all);
    if (context.deletion.subject.kind !== 'person') return files.length > 0;
    for (const file of files) if (await this.isNamedIn(context, tenant, file)) return true;
    return false;
  }

  /** What cannot be read counts: nobody can say that it has nothing of them. */
  private async isNamedIn(context: Context, tenant: Tenant, { key, size }: StoredObject): Promise<boolean> {
    const isOf = rowsAbout(context.deletion, tenant);
    const format = key.endsWith('.parquet') ? 'parquet' : 'json';
    const file = partedFile(this.storage, [{ start: 0, size, key }]);
    const rows = readRows(file, format, { maxRowBytes: MAX_ROW_BYTES, chunkRows: ROWS });
    try {
      for (;;) {
        const isFound = await context.step(async () => {
          const next = await rows.next();
          return next.done ? undefined : next.value.some((row) => isFaulty(row) || isOf(row.record));
        });
        if (isFound !== false) return isFound ?? false;
      }
    } catch (error) {
      if (error instanceof UnknownObjectError) return false;
      if (error instanceof FileFormatError) return true;
      throw error;
    } finally {
      await rows.return(undefined);
    }
  }
}

function rowsAbout({ subject }: Deletion, tenant: Tenant): (row: Parameters<typeof rowSpeaksOf>[1]) => boolean {
  const members = subject.kind === 'person' ? subject.members : [];
  const xids = new Set(members.map(({ xid }) => xid));
  const values = new Set(members.map(({ id }) => id).filter((id) => id !== ''));
  return (row) => rowSpeaksOf(tenant, row, xids, values);
}

function mentionOf({ id, createdAt, properties }: Job): ExportMention {
  const { datasetId, outputs } = properties['order'] as unknown as ExportOrder;
  return { jobId: id, datasetId, batchIds: outputs.map(({ batchId }) => batchId), createdAt };
}
