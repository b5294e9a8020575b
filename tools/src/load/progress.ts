import { SingleBar } from 'cli-progress';

/** Shows how far a long step is: a bar on a terminal, a line at each quarter elsewhere. */
export class Progress {
  private readonly bar: SingleBar | undefined;
  private readonly started = performance.now();
  private done = 0;

  constructor(
    private readonly label: string,
    private readonly total: number,
  ) {
    if (!process.stdout.isTTY) return;
    this.bar = new SingleBar({
      format: `  ${label} {bar} {value}/{total} · {rate}/s`,
      barsize: 30,
      barCompleteChar: '█',
      barIncompleteChar: '░',
    });
    this.bar.start(total, 0, { rate: 0 });
  }

  advance(steps: number): void {
    const before = this.quarter;
    this.done += steps;
    this.bar?.increment(steps, { rate: this.rate });
    if (this.bar === undefined && this.quarter !== before) {
      console.log(`  ${this.label} ${this.quarter * 25} % · ${this.done}/${this.total} · ${this.rate}/s`);
    }
  }

  /** Leaves the line as it is and gives the terminal back. */
  stop(): void {
    this.bar?.stop();
  }

  private get quarter(): number {
    return Math.floor((4 * this.done) / this.total);
  }

  private get rate(): number {
    return Math.round((1_000 * this.done) / Math.max(1, performance.now() - this.started));
  }
}
