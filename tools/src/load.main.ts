import { CommandError, runCommand } from './command/command.js';
import { LoadBar } from './load-file/load-bar.js';
import { loadFile, type LoadResult } from './load-file/load-file.js';
import { loadOptions, usage, type LoadOptions } from './load-file/options.js';

/** `npm run load`: sends the rows of a file to the gateway. Fails unless every row was accepted. */
await runCommand(async (command) => {
  const options = loadOptions(process.argv.slice(2), process.env);
  if (options === undefined) {
    console.log(usage);
    return 0;
  }
  const bar = new LoadBar();
  const loading = loadFile(options, command.stopped, (bytes, size, summary) => bar.show(bytes, size, summary));
  let printed = false;
  const finish = async (): Promise<LoadResult> => {
    const result = await loading;
    bar.stop(result.summary);
    if (!printed) print(options, result);
    printed = true;
    return result;
  };
  // Interrupted: what was sent is waited for, and accounted for, before the command ends.
  command.defer(() => finish().catch(() => undefined));
  const { summary, failure } = await finish();
  if (failure !== undefined) throw failure instanceof CommandError ? failure : new CommandError(failure.message);
  return summary.refused + summary.unreadable > 0 ? 1 : 0;
});

function print({ file }: LoadOptions, { summary, failure, nextRow }: LoadResult): void {
  console.log(`\n${summary.text()}`);
  // Of a file without one row that could be read, there is nothing to go on with.
  if (failure !== undefined && nextRow !== undefined && summary.read > 0) {
    console.log(`\nNot all of ${file} was sent. Go on with --from ${nextRow}.`);
  }
  if (failure === undefined && summary.read === 0) console.log(`\nThere was no row to send in ${file}.`);
}
