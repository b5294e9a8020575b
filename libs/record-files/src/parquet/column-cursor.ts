import type { ColumnMetaData, PageHeader } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import type { JsonValue } from '@tessera/contracts';
import type { RandomAccessFile } from '../random-access-file.js';
import { ColumnBytes } from './column-bytes.js';
import type { ValueFault } from './convert.js';
import { rangeOf, type Leaf } from './leaf.js';
import { dictionaryOf, pageOf, type Dictionary, type Page } from './page.js';

const FIRST_GUESS = 1_024;

/** Walks one column of a row group, entry by entry. Holds the pages of the rows that were asked for, no more. */
export class ColumnCursor {
  private readonly bytes: ColumnBytes;
  private readonly pages: Page[] = [];
  private position = 0;
  private rowsAhead = 0;
  private dictionary: Dictionary | undefined;

  constructor(
    file: RandomAccessFile,
    readonly leaf: Leaf,
    private readonly column: ColumnMetaData,
  ) {
    this.bytes = new ColumnBytes(file, ...rangeOf(column));
  }

  /** Makes all entries of the next rows ready. @throws Error when the column has fewer. */
  async prepare(rows: number): Promise<void> {
    // One more than wanted shows that the last wanted one is complete.
    const wanted = this.leaf.maxRepetition === 0 ? rows : rows + 1;
    while (this.rowsAhead < wanted && this.bytes.remaining > 0) {
      const header = await this.header();
      const bytes = await this.bytes.take(header.compressed_page_size);
      if (header.type === 'DICTIONARY_PAGE') {
        this.dictionary = dictionaryOf(header, bytes, this.leaf, this.column);
      } else if (header.type === 'DATA_PAGE' || header.type === 'DATA_PAGE_V2') {
        const page = pageOf(header, bytes, this.leaf, this.column, this.dictionary);
        if (page.entries > 0) this.pages.push(page);
        this.rowsAhead += rowsOf(page);
      }
    }
    if (this.rowsAhead < rows) throw new Error('a column has fewer rows than its row group');
    this.rowsAhead -= rows;
  }

  /** How much of the path the present entry has. */
  definition(): number {
    const page = this.page();
    return page.definitions === undefined ? this.leaf.maxDefinition : (page.definitions[this.position] as number);
  }

  /** Which repeated field the present entry goes on with; 0 when there is none left. */
  repetition(): number {
    return this.pages[0]?.repetitions?.[this.position] ?? 0;
  }

  /** The present entry's value; the cursor goes on. The entry must have one. */
  take(): JsonValue | ValueFault {
    const value = this.page().values.next();
    this.advance();
    return value;
  }

  /** Passes over the present entry. */
  skip(): void {
    const page = this.page();
    if (this.definition() === this.leaf.maxDefinition) page.values.skip();
    this.advance();
  }

  /** Passes over rows that were prepared. */
  skipRows(rows: number): void {
    for (let row = 0; row < rows; row += 1) {
      do this.skip();
      while (this.repetition() > 0);
    }
  }

  private page(): Page {
    const [page] = this.pages;
    if (page === undefined) throw new Error('a column ends before its rows do');
    return page;
  }

  private advance(): void {
    this.position += 1;
    if (this.position < this.page().entries) return;
    this.pages.shift();
    this.position = 0;
  }

  /** Headers do not say how long they are: more bytes are tried until one is whole. */
  private async header(): Promise<PageHeader> {
    for (let guess = FIRST_GUESS; ; guess *= 4) {
      const bytes = await this.bytes.peek(guess);
      const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
      let header: PageHeader;
      try {
        header = parquetHeader(reader);
      } catch (error) {
        if (bytes.length < guess) throw error;
        continue;
      }
      await this.bytes.take(reader.offset);
      return header;
    }
  }
}

function rowsOf({ entries, repetitions }: Page): number {
  if (repetitions === undefined) return entries;
  let rows = 0;
  for (const repetition of repetitions) if (repetition === 0) rows += 1;
  return rows;
}
