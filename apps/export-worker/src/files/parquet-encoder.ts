import { constants, zstdCompressSync } from 'node:zlib';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { ColumnValue, ExportColumns } from '@tessera/domain';
import { parquetSchema } from './parquet-schema.js';
import type { ExportedRow, RowEncoder } from './row-encoder.js';

export interface RowGroupLimits {
  readonly rows: number;
  /** Characters of the records its rows were made of. */
  readonly weight: number;
}

/** Far below the 128 MB of spec 07-export-jobs: a group is held as objects, several times as large as its bytes. */
const defaults: RowGroupLimits = { rows: 5_000, weight: 4_194_304 };

/** The fastest level: higher ones cost more time than the bytes they save. */
const options = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
const compressors = { ZSTD: (bytes: Uint8Array) => new Uint8Array(zstdCompressSync(bytes, options)) };

/** Parquet with nested columns, compressed by Zstandard, one row group at a time. */
export class ParquetEncoder implements RowEncoder {
  private readonly bytes = new ByteWriter(1_048_576);
  private readonly writer: ParquetWriter;
  private rows: Readonly<Record<string, ColumnValue | undefined>>[] = [];
  private weight = 0;

  constructor(
    private readonly columns: ExportColumns,
    private readonly limits: RowGroupLimits = defaults,
  ) {
    this.writer = new ParquetWriter({
      writer: this.bytes,
      schema: parquetSchema(columns.columns),
      codec: 'ZSTD',
      compressors,
      // Smallest and largest values help to pass over row groups; of people in the order of digests they never do.
      statistics: false,
      createdBy: 'tessera',
    });
  }

  add({ profile, events, weight }: ExportedRow): void {
    this.rows.push(this.columns.fit(profile, events));
    this.weight += weight;
    if (this.rows.length >= this.limits.rows || this.weight >= this.limits.weight) this.endGroup();
  }

  take(): Uint8Array {
    const bytes = Buffer.from(this.bytes.getBytes());
    // As the library's own writer of files does: `offset` goes on, the buffer begins again.
    this.bytes.index = 0;
    return bytes;
  }

  end(): Uint8Array {
    if (this.rows.length > 0) this.endGroup();
    void this.writer.finish();
    return this.take();
  }

  private endGroup(): void {
    const { rows } = this;
    const columnData = [...this.columns.columns.keys()].map((name) => ({ name, data: rows.map((row) => row[name]) }));
    // Synchronous, as the writer below it is.
    void this.writer.write({ columnData, rowGroupSize: rows.length });
    this.rows = [];
    this.weight = 0;
  }
}
