import { SingleBar } from 'cli-progress';
import type { LoadSummary } from './load-summary.js';

/** Shows how far a file is: a bar on a terminal, a line at each tenth elsewhere. On standard error. */
export class LoadBar {
  private readonly started = performance.now();
  private bar: SingleBar | undefined;
  private reached: { readonly bytes: number; readonly size: number } | undefined;
  private shownTenth = 0;

  show(bytes: number, size: number, summary: LoadSummary): void {
    this.reached = { bytes, size };
    if (process.stderr.isTTY) {
      this.bar ??= startedBar(size);
      this.bar.update(bytes, this.figures(summary));
      return;
    }
    const tenth = Math.floor(percentOf(this.reached) / 10);
    // All is read before all is sent: the line of the end is left to `stop`.
    if (tenth > this.shownTenth && bytes < size) this.print(tenth * 10, summary);
    this.shownTenth = Math.max(tenth, this.shownTenth);
  }

  /** Shows how it ended, leaves that as it is and gives the terminal back. */
  stop(summary: LoadSummary): void {
    if (this.bar !== undefined) {
      this.bar.update(this.figures(summary));
      this.bar.stop();
    } else if (this.reached !== undefined) this.print(Math.floor(percentOf(this.reached)), summary);
    this.reached = undefined;
  }

  private print(percent: number, summary: LoadSummary): void {
    const { sent, rate } = this.figures(summary);
    console.error(`  read ${percent} % · ${sent} rows sent · ${rate}/s`);
  }

  private figures({ sent, refused, unreadable }: LoadSummary): { sent: number; refused: number; rate: number } {
    const rate = Math.round((1_000 * sent) / Math.max(1, performance.now() - this.started));
    return { sent, refused: refused + unreadable, rate };
  }
}

function percentOf({ bytes, size }: { readonly bytes: number; readonly size: number }): number {
  return (100 * bytes) / Math.max(1, size);
}

function startedBar(size: number): SingleBar {
  const bar = new SingleBar({
    format: '  {bar} {percentage} % · {sent} rows sent · {refused} not taken · {rate}/s',
    barsize: 30,
    barCompleteChar: '█',
    barIncompleteChar: '░',
  });
  bar.start(Math.max(1, size), 0, { sent: 0, refused: 0, rate: 0 });
  return bar;
}
