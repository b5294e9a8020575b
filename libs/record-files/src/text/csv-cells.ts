import type { RowBoundary } from './split-rows.js';

const [QUOTE, COMMA, LINE_FEED, RETURN] = [0x22, 0x2c, 0x0a, 0x0d];

/** Line ends outside of quoted cells. A quote begins a quoted cell only as the first byte of a cell (RFC 4180). */
export class CsvRowEnds implements RowBoundary {
  private state: 'cell-start' | 'quoted' | 'quote-in-quoted' | 'plain' = 'cell-start';
  private quoteAt = -1;
  private searched: Buffer | undefined;

  /** Whether a quoted cell is open: at the end of the file, its quote was never closed. */
  get inQuotes(): boolean {
    return this.state === 'quoted';
  }

  next(bytes: Buffer, from: number): number {
    if (this.state === 'cell-start' || this.state === 'plain') {
      const end = bytes.indexOf(LINE_FEED, from);
      // Most rows have no quotes at all, and the engine searches faster than any loop.
      if (end >= 0 && !this.hasQuoteBefore(bytes, from, end)) {
        this.state = 'cell-start';
        return end;
      }
    }
    return this.walk(bytes, from);
  }

  private hasQuoteBefore(bytes: Buffer, from: number, end: number): boolean {
    if (this.searched !== bytes || (this.quoteAt >= 0 && this.quoteAt < from)) {
      this.searched = bytes;
      this.quoteAt = bytes.indexOf(QUOTE, from);
    }
    return this.quoteAt >= 0 && this.quoteAt < end;
  }

  private walk(bytes: Buffer, from: number): number {
    for (let index = from; index < bytes.length; index += 1) {
      const byte = bytes[index];
      if (this.state === 'quoted') {
        if (byte === QUOTE) this.state = 'quote-in-quoted';
      } else if (byte === LINE_FEED) {
        this.state = 'cell-start';
        return index;
      } else if (byte === COMMA) this.state = 'cell-start';
      else if (byte === QUOTE && this.state !== 'plain') this.state = 'quoted';
      else this.state = 'plain';
    }
    return -1;
  }
}

/** What is wrong with the quotes of a row. */
export type CsvFault = 'quote-in-plain-cell' | 'text-after-quoted-cell';

/** The cells of one row of CSV, without its line end. */
export function cellsOf(bytes: Buffer): string[] | CsvFault {
  const end = bytes.at(-1) === RETURN ? bytes.length - 1 : bytes.length;
  const text = bytes.toString('utf8', 0, end);
  return text.includes('"') ? quotedCells(text) : text.split(',');
}

function quotedCells(text: string): string[] | CsvFault {
  const cells: string[] = [];
  let start = 0;
  for (;;) {
    const cell = text[start] === '"' ? quotedCell(text, start) : plainCell(text, start);
    if (typeof cell === 'string') return cell;
    cells.push(cell.value);
    if (cell.end === text.length) return cells;
    start = cell.end + 1;
  }
}

interface Cell {
  readonly value: string;
  /** Where its comma stands, or where the row ends. */
  readonly end: number;
}

function plainCell(text: string, start: number): Cell | CsvFault {
  const comma = text.indexOf(',', start);
  const end = comma < 0 ? text.length : comma;
  const value = text.slice(start, end);
  return value.includes('"') ? 'quote-in-plain-cell' : { value, end };
}

function quotedCell(text: string, start: number): Cell | CsvFault {
  let close = start + 1;
  for (;;) {
    close = text.indexOf('"', close);
    if (close < 0) return 'text-after-quoted-cell';
    if (text[close + 1] !== '"') break;
    close += 2;
  }
  const end = close + 1;
  if (end < text.length && text[end] !== ',') return 'text-after-quoted-cell';
  return { value: text.slice(start + 1, close).replaceAll('""', '"'), end };
}
