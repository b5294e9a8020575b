/** Numbers beyond this have no sum: with smaller ones no order of adding can overflow. */
const LARGEST = 1e290;

/**
 * A sum without rounding on the way, so that it is the same in whatever order and groups numbers come: kept as doubles
 * that do not overlap, smallest first (J. R. Shewchuk, "Adaptive Precision Floating-Point Arithmetic", 1997).
 */
export class ExactSum {
  /** `null` once a number was too large. */
  private parts: number[] | null;

  /** @param parts of a sum made before. */
  constructor(parts: readonly number[] | null = []) {
    this.parts = parts && [...parts];
  }

  add(value: number): void {
    if (!this.parts || Math.abs(value) > LARGEST) {
      this.parts = null;
      return;
    }
    const parts: number[] = [];
    let sum = value;
    for (const part of this.parts) {
      const [large, small] = Math.abs(sum) < Math.abs(part) ? [part, sum] : [sum, part];
      sum = large + small;
      const lost = small - (sum - large);
      if (lost !== 0) parts.push(lost);
    }
    parts.push(sum);
    this.parts = parts;
  }

  addParts(parts: readonly number[] | null): void {
    if (parts === null) this.parts = null;
    else for (const part of parts) this.add(part);
  }

  /** For `new ExactSum`, and for storing. */
  toParts(): readonly number[] | null {
    return this.parts;
  }

  /** The double nearest to the exact sum; `null` when a number was too large. */
  value(): number | null {
    if (!this.parts) return null;
    const parts = [...this.parts];
    let sum = parts.pop() ?? 0;
    let lost = 0;
    for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
      const before = sum;
      sum = before + part;
      lost = part - (sum - before);
      if (lost !== 0) break;
    }
    // Exactly between two doubles, what is left decides on which side the sum is.
    const rest = parts.at(-1) ?? 0;
    if ((lost < 0 && rest < 0) || (lost > 0 && rest > 0)) {
      const twice = lost * 2;
      const rounded = sum + twice;
      if (twice === rounded - sum) sum = rounded;
    }
    return sum === 0 ? 0 : sum;
  }
}
