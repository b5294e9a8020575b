import { SingleBar } from 'cli-progress';
import type { LoadSummary } from './load-summary.js';

/** Shows how far a file is: a bar on a terminal, a line at each tenth elsewhere. On standard error. */
export class LoadBar {
  private readonly started = performance.now();
  private bar: SingleBar | undefined;
  private shownTenth = 0;

  show(bytesRead: number, size: number, summary: LoadSummary): void {
    const rate = Math.round((1_000 * summary.sent) / Math.max(1, performance.now() - this.started));
    if (!process.stderr.isTTY) {
      const tenth = Math.floor((10 * bytesRead) / Math.max(1, size));
      if (tenth > this.shownTenth) console.error(`  read ${tenth * 10} % · ${summary.sent} rows sent · ${rate}/s`);
      this.shownTenth = Math.max(tenth, this.shownTenth);
      return;
    }
    this.bar ??= startedBar(size);
    this.bar.update(bytesRead, { sent: summary.sent, refused: summary.refused + summary.unreadable, rate });
  }

  /** Leaves the line as it is and gives the terminal back. */
  stop(): void {
    this.bar?.stop();
  }
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
