/** The values of one leaf column of a row group, with the levels that say where in its row each one stands. */
export class LeafBuffer {
  /** One for each level, undefined where there is none. */
  values: unknown[] = [];
  definitionLevels: number[] = [];
  /** Empty where nothing above the leaf repeats. */
  repetitionLevels: number[] = [];

  /** @param isRepeated whether anything above the leaf repeats. */
  constructor(private readonly isRepeated: boolean) {}

  add(value: unknown, repetition: number, definition: number): void {
    this.values.push(value);
    this.definitionLevels.push(definition);
    if (this.isRepeated) this.repetitionLevels.push(repetition);
  }

  /** Rows that have nothing here, nor in what is above. */
  addAbsent(rows: number): void {
    for (let row = 0; row < rows; row += 1) this.add(undefined, 0, 0);
  }

  clear(): void {
    this.values = [];
    this.definitionLevels = [];
    this.repetitionLevels = [];
  }
}
