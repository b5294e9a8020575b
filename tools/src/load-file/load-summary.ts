/** Examples kept of each reason. */
const EXAMPLES = 3;
/** Reasons told apart; further ones are counted together, so that a file of nothing but faults fits in memory. */
const MAX_REASONS = 50;

/** Rows that met with one fate for one reason. */
export interface Reason {
  readonly text: string;
  readonly rows: number;
  /** Numbers of the first ones, in no particular order. */
  readonly examples: readonly number[];
}

/**
 * Accounts for every row: read = sent + unreadable + unsent; sent = accepted + refused + unanswered, where unanswered are
 * rows sent without learning what became of them. None is unsent or unanswered unless the loading was broken off.
 */
export class LoadSummary {
  read = 0;
  sent = 0;
  accepted = 0;
  /** Times a request was repeated. */
  repeats = 0;
  private readonly unreadableRows = new Reasons();
  private readonly refusedRows = new Reasons();

  get unreadable(): number {
    return this.unreadableRows.total;
  }

  get refused(): number {
    return this.refusedRows.total;
  }

  get unsent(): number {
    return this.read - this.sent - this.unreadable;
  }

  get unanswered(): number {
    return this.sent - this.accepted - this.refused;
  }

  get unreadableReasons(): readonly Reason[] {
    return this.unreadableRows.list;
  }

  get refusedReasons(): readonly Reason[] {
    return this.refusedRows.list;
  }

  addUnreadable(row: number, reason: string): void {
    this.unreadableRows.add(row, reason);
  }

  addRefused(row: number, reason: string): void {
    this.refusedRows.add(row, reason);
  }

  /** As it is printed. */
  text(): string {
    return [
      `read       ${count(this.read)}`,
      `unreadable ${count(this.unreadable)}`,
      ...linesOf(this.unreadableReasons),
      ...(this.unsent > 0 ? [`unsent     ${count(this.unsent)}`] : []),
      `sent       ${count(this.sent)}`,
      `accepted   ${count(this.accepted)}`,
      `refused    ${count(this.refused)}`,
      ...linesOf(this.refusedReasons),
      ...(this.unanswered > 0 ? [`unanswered ${count(this.unanswered)}`] : []),
      ...(this.repeats > 0 ? [`requests repeated: ${this.repeats}`] : []),
    ].join('\n');
  }
}

class Reasons {
  total = 0;
  private readonly reasons = new Map<string, { rows: number; examples: number[] }>();

  get list(): Reason[] {
    return [...this.reasons].map(([text, counted]) => ({ text, ...counted }));
  }

  add(row: number, reason: string): void {
    this.total += 1;
    const text = this.reasons.has(reason) || this.reasons.size < MAX_REASONS ? reason : 'for further reasons';
    const counted = this.reasons.get(text) ?? { rows: 0, examples: [] };
    counted.rows += 1;
    if (counted.examples.length < EXAMPLES) counted.examples.push(row);
    this.reasons.set(text, counted);
  }
}

function linesOf(reasons: readonly Reason[]): string[] {
  return reasons.map(({ text, rows, examples }) => {
    const which = examples.toSorted((a, b) => a - b).join(', ');
    return `  ${count(rows)} × ${text} (row ${which}${rows > examples.length ? ', …' : ''})`;
  });
}

function count(value: number): string {
  return value.toLocaleString('en-GB');
}
