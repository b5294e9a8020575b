import type { JsonObject, JsonValue } from '@tessera/contracts';
import { emptyObject, isJsonObject, leafValue, type Column, type LeafColumn } from '@tessera/domain';
import { LeafBuffer } from './leaf-buffer.js';

/**
 * Takes values apart into leaf columns, as the format has them: each value with how far down its path anything is there
 * (definition level), and at which list or map a further item begins (repetition level).
 */
export interface ColumnWriter {
  /** Of everything below, in the order of the file's schema. */
  readonly leaves: readonly LeafBuffer[];
  /** Whether anything of a value has a place here. */
  takes(value: JsonValue): boolean;
  /**
   * Adds one value, or nothing where the column does not take it.
   *
   * @param definition level of what is above.
   * @returns what has no place here; undefined when all of it has. Of objects the fields concerned, each as far as it has
   * none; of an array of which an item has no place, all.
   */
  add(value: JsonValue, repetition: number, definition: number): JsonValue | undefined;
}

/** Where a column stands. */
export interface Place {
  /** Lists and maps above. */
  readonly repeated: number;
}

export function columnWriter(column: Column, place: Place = { repeated: 0 }): ColumnWriter {
  switch (column.kind) {
    case 'object':
      return new ObjectWriter(column.fields, place);
    case 'list':
      return new ListWriter((below) => columnWriter(column.item, below), place);
    case 'map':
      return new MapWriter(column.value, place);
    case 'text':
    case 'json':
    case 'integer':
    case 'number':
    case 'boolean':
    case 'instant':
    case 'date':
      return new LeafWriter(column, place);
  }
}

/** Adds nothing in place of a value that a column does not take. @returns the value, unless it is `null`. */
function addNothing(
  { leaves }: Pick<ColumnWriter, 'leaves'>,
  value: JsonValue,
  repetition: number,
  definition: number,
): JsonValue | undefined {
  for (const leaf of leaves) leaf.add(undefined, repetition, definition);
  return value ?? undefined;
}

/** A value without parts. */
class LeafWriter implements ColumnWriter {
  private readonly buffer: LeafBuffer;
  readonly leaves: readonly LeafBuffer[];

  constructor(
    private readonly column: LeafColumn,
    { repeated }: Place,
  ) {
    this.buffer = new LeafBuffer(repeated > 0);
    this.leaves = [this.buffer];
  }

  takes(value: JsonValue): boolean {
    return leafValue(this.column, value) !== undefined;
  }

  add(value: JsonValue, repetition: number, definition: number): JsonValue | undefined {
    const held = leafValue(this.column, value);
    this.buffer.add(held, repetition, held === undefined ? definition : definition + 1);
    return held !== undefined || value === null ? undefined : value;
  }
}

/** An object with fields of known names, each at most once in a file's schema. */
class ObjectWriter implements ColumnWriter {
  private readonly fields = new Map<string, Field>();
  readonly leaves: readonly LeafBuffer[];
  private turn = 0;

  constructor(fields: ReadonlyMap<string, Column>, place: Place) {
    for (const [name, column] of fields) this.fields.set(name, { writer: columnWriter(column, place), turn: 0 });
    this.leaves = [...this.fields.values()].flatMap(({ writer }) => writer.leaves);
  }

  takes(value: JsonValue): boolean {
    return isJsonObject(value);
  }

  add(value: JsonValue, repetition: number, definition: number): JsonValue | undefined {
    if (!isJsonObject(value)) return addNothing(this, value, repetition, definition);
    return this.addObject(value, repetition, definition + 1);
  }

  /** @param definition level of the object itself. */
  addObject(object: JsonObject, repetition: number, definition: number): JsonObject | undefined {
    let rest: JsonObject | undefined;
    const turn = (this.turn += 1);
    // Objects of profiles inherit nothing enumerable, and for-in reads fields faster than a list of their names does.
    for (const name in object) {
      const value = object[name] as JsonValue;
      const field = this.fields.get(name);
      const lost = field === undefined ? value : field.writer.add(value, repetition, definition);
      if (field !== undefined) field.turn = turn;
      if (lost !== undefined) (rest ??= emptyObject())[name] = lost;
    }
    for (const { writer, turn: touched } of this.fields.values()) {
      if (touched !== turn) addNothing(writer, null, repetition, definition);
    }
    return rest;
  }
}

interface Field {
  readonly writer: ColumnWriter;
  /** The object in which it was last there. */
  turn: number;
}

/** An object of which everything has a place: what its fields cannot hold is JSON text in a column of its own. */
export class RecordWriter implements ColumnWriter {
  private readonly object: ObjectWriter;
  private readonly rest: LeafBuffer;
  readonly leaves: readonly LeafBuffer[];

  constructor(fields: ReadonlyMap<string, Column>, place: Place) {
    this.object = new ObjectWriter(fields, place);
    this.rest = new LeafBuffer(place.repeated > 0);
    this.leaves = [...this.object.leaves, this.rest];
  }

  takes(value: JsonValue): boolean {
    return isJsonObject(value);
  }

  add(value: JsonValue, repetition: number, definition: number): JsonValue | undefined {
    if (!isJsonObject(value)) return addNothing(this, value, repetition, definition);
    const lost = this.object.addObject(value, repetition, definition + 1);
    if (lost === undefined) this.rest.add(undefined, repetition, definition + 1);
    else this.rest.add(JSON.stringify(lost), repetition, definition + 2);
    return undefined;
  }
}

/** A list of items of one type. */
export class ListWriter implements ColumnWriter {
  private readonly item: ColumnWriter;
  private readonly level: number;
  readonly leaves: readonly LeafBuffer[];

  constructor(itemWriter: (place: Place) => ColumnWriter, { repeated }: Place) {
    this.level = repeated + 1;
    this.item = itemWriter({ repeated: this.level });
    this.leaves = this.item.leaves;
  }

  takes(value: JsonValue): boolean {
    return Array.isArray(value);
  }

  add(value: JsonValue, repetition: number, definition: number): JsonValue | undefined {
    if (!Array.isArray(value)) return addNothing(this, value, repetition, definition);
    if (value.length === 0) addNothing(this, null, repetition, definition + 1);
    let isLossy = false;
    for (let index = 0; index < value.length; index += 1) {
      const at = index === 0 ? repetition : this.level;
      // A list that is there is one level, an item of it another.
      if (this.item.add(value[index] as JsonValue, at, definition + 2) !== undefined) isLossy = true;
    }
    return isLossy ? value : undefined;
  }
}

/** Keys that nobody knows beforehand, to values of one type. */
class MapWriter implements ColumnWriter {
  private readonly keys = new LeafBuffer(true);
  private readonly value: ColumnWriter;
  private readonly level: number;
  readonly leaves: readonly LeafBuffer[];

  constructor(value: Column, { repeated }: Place) {
    this.level = repeated + 1;
    this.value = columnWriter(value, { repeated: this.level });
    this.leaves = [this.keys, ...this.value.leaves];
  }

  takes(value: JsonValue): boolean {
    return isJsonObject(value);
  }

  add(value: JsonValue, repetition: number, definition: number): JsonValue | undefined {
    if (!isJsonObject(value)) return addNothing(this, value, repetition, definition);
    let rest: JsonObject | undefined;
    let isEmpty = true;
    for (const key in value) {
      const given = value[key] as JsonValue;
      let lost: JsonValue | undefined = given ?? undefined;
      if (key.isWellFormed() && this.value.takes(given)) {
        const at = isEmpty ? repetition : this.level;
        // A map that is there is one level, an entry of it another; keys are always there.
        this.keys.add(key, at, definition + 2);
        lost = this.value.add(given, at, definition + 2);
        isEmpty = false;
      }
      if (lost !== undefined) (rest ??= emptyObject())[key] = lost;
    }
    if (isEmpty) addNothing(this, null, repetition, definition + 1);
    return rest;
  }
}
