import { jest } from '@jest/globals';
import { LoadBar } from './load-bar.js';
import { LoadSummary } from './load-summary.js';

describe('the progress of loading, without a terminal', () => {
  const { isTTY } = process.stderr;
  const lines: string[] = [];
  beforeEach(() => {
    process.stderr.isTTY = false;
    lines.length = 0;
    jest.spyOn(console, 'error').mockImplementation((line: string) => void lines.push(line));
  });
  afterEach(() => {
    process.stderr.isTTY = isTTY;
    jest.restoreAllMocks();
  });

  it('ends with all the rows that were sent, although a file is read before its rows are sent', () => {
    const summary = new LoadSummary();
    const bar = new LoadBar();
    bar.show(100, 100, summary);
    summary.sent = 3;
    bar.stop(summary);
    expect(lines).toEqual([expect.stringMatching(/^ {2}read 100 % · 3 rows sent · \d+\/s$/)]);
  });

  it('is a line at each tenth, and one at the place where loading broke off', () => {
    const summary = new LoadSummary();
    const bar = new LoadBar();
    for (const [bytes, sent] of [
      [5, 1],
      [12, 2],
      [15, 3],
      [47, 4],
    ] as const) {
      summary.sent = sent;
      bar.show(bytes, 100, summary);
    }
    summary.sent = 5;
    bar.stop(summary);
    expect(lines.map((line) => line.replace(/ · \d+\/s/, ''))).toEqual([
      '  read 10 % · 2 rows sent',
      '  read 40 % · 4 rows sent',
      '  read 47 % · 5 rows sent',
    ]);
  });

  it('is nothing where nothing was read', () => {
    new LoadBar().stop(new LoadSummary());
    expect(lines).toEqual([]);
  });
});
