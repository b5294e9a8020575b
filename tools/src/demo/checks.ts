/** Compares figures with what the raw data says, and remembers what does not add up. */
export class Checks {
  readonly failures: string[] = [];
  private done = 0;

  /** Figures compared so far. */
  get count(): number {
    return this.done;
  }

  equal(what: string, actual: number, expected: number): void {
    this.done++;
    if (actual !== expected) this.failures.push(`${what}: ${actual}, but the data says ${expected}`);
  }

  /** Many comparisons of one kind at once; the first few differences are quoted. */
  none(what: string, compared: number, differences: readonly string[]): void {
    this.done += compared;
    if (differences.length === 0) return;
    const examples = differences.slice(0, 3).join('; ');
    this.failures.push(`${what}: ${differences.length} of ${compared} differ, such as ${examples}`);
  }
}
