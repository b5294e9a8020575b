import { CommandError } from '../command/command.js';
import { parseOptions } from './options.js';

const rows = ['ingest-1', 'ingest-100', 'lookup'];

describe('the options of the benchmark', () => {
  it('runs every row when none is named', () => {
    expect(parseOptions([], rows)).toMatchObject({ only: undefined, rounds: 3, report: 'bench-report.json' });
  });

  it('takes rows separated by commas or named one by one', () => {
    expect(parseOptions(['--only', 'ingest-1,lookup'], rows).only).toEqual(['ingest-1', 'lookup']);
    expect(parseOptions(['--only', 'lookup', '--only', 'ingest-1'], rows).only).toEqual(['lookup', 'ingest-1']);
  });

  it.each([[['--only', 'export']], [['--rounds', '0']], [['--seconds', 'long']], [['--faster']], [['ingest-1']]])(
    'refuses %j',
    (args) => {
      expect(() => parseOptions(args, rows)).toThrow(CommandError);
    },
  );
});
