import type { JsonObject, JsonValue } from '@tessera/contracts';
import { emptyObject, type ExportColumns } from '@tessera/domain';
import { columnWriter, ListWriter, RecordWriter, type ColumnWriter } from './column-writer.js';
import type { LeafBuffer } from './leaf-buffer.js';

/** A column of its own of every row, filled up only when a row has it: most rows have few of a union's columns. */
interface RowColumn {
  readonly writer: ColumnWriter;
  /** Rows that are in it. */
  rows: number;
}

/** The rows of one row group, taken apart into leaf columns. */
export class RowColumns {
  private readonly columns = new Map<string, RowColumn>();
  private readonly events: RowColumn | undefined;
  private readonly untyped: RowColumn = { writer: columnWriter({ kind: 'text' }), rows: 0 };
  private count = 0;

  constructor({ profile, event }: Pick<ExportColumns, 'profile' | 'event'>) {
    for (const [name, column] of profile) this.columns.set(name, { writer: columnWriter(column), rows: 0 });
    if (event === undefined) return;
    this.events = { writer: new ListWriter((place) => new RecordWriter(event, place), { repeated: 0 }), rows: 0 };
  }

  /** Rows added. */
  get rows(): number {
    return this.count;
  }

  /** All leaf columns in the order of the file's schema; whole, as far as rows go. */
  *leaves(): Generator<LeafBuffer> {
    for (const column of this.all()) {
      fill(column, this.count);
      yield* column.writer.leaves;
    }
  }

  /** @param events where they are wanted. */
  add(profile: JsonObject, events?: readonly JsonObject[]): void {
    let rest: JsonObject | undefined;
    for (const name in profile) {
      const value = profile[name] as JsonValue;
      const column = this.columns.get(name);
      const lost = column === undefined ? value : this.put(column, value);
      if (lost !== undefined) (rest ??= emptyObject())[name] = lost;
    }
    if (this.events !== undefined && events !== undefined) this.put(this.events, events as JsonValue[]);
    if (rest !== undefined) this.put(this.untyped, JSON.stringify(rest));
    this.count += 1;
  }

  clear(): void {
    for (const column of this.all()) {
      column.rows = 0;
      for (const leaf of column.writer.leaves) leaf.clear();
    }
    this.count = 0;
  }

  private put(column: RowColumn, value: JsonValue): JsonValue | undefined {
    fill(column, this.count);
    column.rows += 1;
    return column.writer.add(value, 0, 0);
  }

  private *all(): Generator<RowColumn> {
    yield* this.columns.values();
    if (this.events !== undefined) yield this.events;
    yield this.untyped;
  }
}

function fill(column: RowColumn, rows: number): void {
  if (column.rows === rows) return;
  for (const leaf of column.writer.leaves) leaf.addAbsent(rows - column.rows);
  column.rows = rows;
}
