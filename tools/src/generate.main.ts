import { runCommand } from './command/command.js';
import { generateOptions, generateUsage } from './generate/options.js';
import { writeRows } from './generate/write-rows.js';

/** `npm run generate`: a file of made-up people of any size. */
await runCommand(async (command) => {
  const options = generateOptions(process.argv.slice(2), process.env);
  if (options === undefined) {
    console.log(generateUsage);
    return 0;
  }
  command.report(`Writing ${options.rows} rows to ${options.file} …`);
  await writeRows(options);
  return 0;
});
