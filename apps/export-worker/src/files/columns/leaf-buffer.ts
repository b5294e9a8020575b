/** The values of one leaf column of a row group, with the levels that say where in its row each one stands. */
export class LeafBuffer {
  /** One for each level, undefined where there is none. */
  values: unknown[] = [];
  private readonly definition = new Levels();
  private readonly repetition: Levels | undefined;

  /** @param isRepeated whether anything above the leaf repeats. */
  constructor(isRepeated: boolean) {
    this.repetition = isRepeated ? new Levels() : undefined;
  }

  get definitionLevels(): Uint8Array {
    return this.definition.all;
  }

  /** Empty where nothing above the leaf repeats. */
  get repetitionLevels(): Uint8Array {
    return this.repetition?.all ?? none;
  }

  add(value: unknown, repetition: number, definition: number): void {
    this.values.push(value);
    this.definition.add(definition);
    this.repetition?.add(repetition);
  }

  /** Rows that have nothing here, nor in what is above. */
  addAbsent(rows: number): void {
    for (let row = 0; row < rows; row += 1) this.add(undefined, 0, 0);
  }

  clear(): void {
    this.values = [];
    this.definition.clear();
    this.repetition?.clear();
  }
}

const none = new Uint8Array();

/** Numbers below 256, more than columns nest; in memory that is used again for the next row group. */
class Levels {
  private bytes = new Uint8Array(1_024);
  private count = 0;

  /** Until the next change. */
  get all(): Uint8Array {
    return this.bytes.subarray(0, this.count);
  }

  add(level: number): void {
    if (this.count === this.bytes.length) {
      const wider = new Uint8Array(2 * this.count);
      wider.set(this.bytes);
      this.bytes = wider;
    }
    this.bytes[this.count] = level;
    this.count += 1;
  }

  clear(): void {
    this.count = 0;
  }
}
