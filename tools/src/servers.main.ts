import { once } from 'node:events';
import { testEnvironment } from '@tessera/testing';
import { parsedOptions } from './command/arguments.js';
import { runCommand } from './command/command.js';
import { startServers } from './servers/start-servers.js';

const flags = { data: { type: 'string' }, s3: { type: 'boolean' } } as const;
const usage = 'Usage: npm run servers -- [--data FOLDER] [--s3]';

/**
 * `npm run servers`: only Kafka, MongoDB and Redis, and with `--s3` the S3-compatible store of the tests, in the foreground;
 * prints the variables other commands find them by.
 */
await runCommand(async (command) => {
  const { data, s3 = false } = parsedOptions(process.argv.slice(2), flags, usage);
  const servers = await startServers(command, { s3, ...(data !== undefined && { data }) });
  for (const [name, value] of Object.entries(testEnvironment(servers))) console.log(`export ${name}='${value}'`);
  if (!command.stopped.aborted) await once(command.stopped, 'abort');
  return 0;
});
