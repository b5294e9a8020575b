import { constants, zstdCompressSync } from 'node:zlib';
import type { SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { writeColumn } from 'hyparquet-writer/src/column.js';
import type { ExportColumns } from '@tessera/domain';
import type { LeafBuffer } from './columns/leaf-buffer.js';
import { RowColumns } from './columns/row-columns.js';
import { leafPaths, parquetSchema } from './parquet-schema.js';
import type { ExportedRow, RowEncoder } from './row-encoder.js';

export interface RowGroupLimits {
  readonly rows: number;
  /** Characters of the records its rows were made of. */
  readonly weight: number;
}

/** Far below the 128 MB of spec 07-export-jobs: a group is held in memory, several times as large as its bytes. */
const defaults: RowGroupLimits = { rows: 5_000, weight: 4_194_304 };

type PageData = Parameters<typeof writeColumn>[0]['pageData'];
type LevelsOfPage = Pick<PageData, 'definitionLevels' | 'repetitionLevels'>;

const codec = 'ZSTD';
/** The fastest level: higher ones cost more time than the bytes they save. */
const options = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
/** Of most columns of a wide schema a row group has nothing. */
const nothing = new Uint8Array(zstdCompressSync(new Uint8Array(), options));
const compressors = {
  ZSTD: (bytes: Uint8Array) => (bytes.length === 0 ? nothing : new Uint8Array(zstdCompressSync(bytes, options))),
};
/** Bytes of a page, about, before it is compressed. */
const PAGE = 1_048_576;

/**
 * Parquet with nested columns, compressed by Zstandard, one row group at a time. Rows are taken apart into columns as they
 * come; the library writes the columns.
 */
export class ParquetEncoder implements RowEncoder {
  private readonly bytes = new ByteWriter(1_048_576);
  private readonly writer: ParquetWriter;
  private readonly rows: RowColumns;
  private readonly paths: readonly (readonly SchemaElement[])[];
  private weight = 0;

  constructor(
    columns: ExportColumns,
    private readonly limits: RowGroupLimits = defaults,
  ) {
    const schema = parquetSchema(columns.columns);
    this.rows = new RowColumns(columns);
    this.paths = leafPaths(schema);
    // Smallest and largest values help to pass over row groups; of people in the order of digests they never do.
    this.writer = new ParquetWriter({
      ...{ writer: this.bytes, schema, codec, compressors },
      statistics: false,
      createdBy: 'tessera',
    });
  }

  add({ profile, events, weight }: ExportedRow): void {
    this.rows.add(profile, events);
    this.weight += weight;
    if (this.rows.rows >= this.limits.rows || this.weight >= this.limits.weight) this.endGroup();
  }

  take(): Uint8Array {
    const bytes = Buffer.from(this.bytes.getBytes());
    // As the library's own writer of files does: `offset` goes on, the buffer begins again.
    this.bytes.index = 0;
    return bytes;
  }

  end(): Uint8Array {
    if (this.rows.rows > 0) this.endGroup();
    void this.writer.finish();
    return this.take();
  }

  /** Writes a row group as the library does for rows that are objects. */
  private endGroup(): void {
    const { writer, rows, bytes } = this;
    const begin = bytes.offset;
    const chunks = [...rows.leaves()].map((leaf, index) => this.writeLeaf(leaf, this.paths[index] ?? []));
    writer.row_groups.push({
      columns: chunks,
      total_byte_size: chunks.reduce((sum, { meta_data }) => sum + (meta_data?.total_uncompressed_size ?? 0n), 0n),
      num_rows: BigInt(rows.rows),
      total_compressed_size: BigInt(bytes.offset - begin),
    });
    writer.num_rows += BigInt(rows.rows);
    rows.clear();
    this.weight = 0;
  }

  private writeLeaf({ values, definitionLevels, repetitionLevels }: LeafBuffer, schemaPath: readonly SchemaElement[]) {
    const path = [...schemaPath];
    const element = path.at(-1);
    if (element === undefined) throw new Error('there are more columns than the schema has');
    // The library reads them by index and takes slices, as of the arrays that it declares.
    const levels = { definitionLevels, repetitionLevels } as unknown as LevelsOfPage;
    const maxDefinitionLevel = path.slice(1).filter(({ repetition_type: type }) => type !== 'REQUIRED').length;
    const result = writeColumn({
      writer: this.bytes,
      column: {
        ...{ element, schemaPath: path, codec, compressors, stats: false, pageSize: PAGE },
        columnName: path
          .slice(1)
          .map(({ name }) => name)
          .join('.'),
        columnIndex: false,
        offsetIndex: true,
      },
      pageData: { values, ...levels, maxDefinitionLevel },
    });
    this.writer.pendingIndexes.push(result);
    return result.chunk;
  }
}
