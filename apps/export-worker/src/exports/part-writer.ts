import { ExportColumns, namespacesOf } from '@tessera/domain';
import { exportObjects, type ObjectStorage } from '@tessera/object-storage';
import type { ExportPartDone } from '@tessera/stores';
import { writeFiles } from '../files/file-set.js';
import { JsonLinesEncoder } from '../files/json-lines-encoder.js';
import { ParquetEncoder } from '../files/parquet-encoder.js';
import type { ExportedRow } from '../files/row-encoder.js';
import { fileName, partName } from './export-job.js';
import type { PartWork, PersonRows } from './person-rows.js';

export interface PartWriterParts {
  readonly rows: Pick<PersonRows, 'pages'>;
  readonly storage: ObjectStorage;
  /** Characters of records that the rows of one file are made of, about. */
  readonly fileWeight: number;
}

/** Writes the files of one part of an export. Writing them again replaces them by the same. */
export class PartWriter {
  constructor(private readonly parts: PartWriterParts) {}

  /** @throws SnapshotExpiredError, UnavailableError, or the signal's reason. */
  async write(jobId: string, work: PartWork): Promise<ExportPartDone> {
    const { rows, storage, fileWeight } = this.parts;
    const { tenant, order, plan, part } = work;
    const columns =
      order.format === 'parquet' ? new ExportColumns(order, plan.profileUnion, plan.eventUnion) : undefined;
    const objects = exportObjects(tenant, jobId);
    const counted = new Counted(rows.pages(work));
    try {
      const files = await writeFiles(storage, counted, {
        newEncoder: () => (columns === undefined ? new JsonLinesEncoder() : new ParquetEncoder(columns)),
        keyOf: (index) => objects.file(`${partName(part)}-${fileName(order, part, index)}`),
        fileWeight,
      });
      return { jobId, ...part, files, profiles: counted.profiles, namespaces: counted.namespaces };
    } finally {
      await counted.return();
    }
  }
}

/** Pages of rows that are counted as they pass. */
class Counted implements AsyncIterator<readonly ExportedRow[]> {
  profiles = 0;
  readonly namespaces = new Map<string, number>();

  constructor(private readonly pages: AsyncGenerator<readonly ExportedRow[]>) {}

  async next(): Promise<IteratorResult<readonly ExportedRow[]>> {
    const result = await this.pages.next();
    if (result.done) return { done: true, value: undefined };
    for (const { profile } of result.value) {
      for (const name of namespacesOf(profile)) this.namespaces.set(name, (this.namespaces.get(name) ?? 0) + 1);
    }
    this.profiles += result.value.length;
    return result;
  }

  /** Ends the reading, also half-way. */
  async return(): Promise<IteratorResult<readonly ExportedRow[]>> {
    await this.pages.return(undefined);
    return { done: true, value: undefined };
  }
}
