import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { testEnvironment } from '@tessera/testing';
import { runCommand } from './command/command.js';
import { startServers } from './servers/start-servers.js';

/**
 * `npm run servers`: only Kafka, MongoDB and Redis, and with `--s3` the S3-compatible store of the tests, in the foreground;
 * prints the variables other commands find them by.
 */
await runCommand(async (command) => {
  const { data, s3 } = parseArgs({
    options: { data: { type: 'string' }, s3: { type: 'boolean', default: false } },
  }).values;
  const servers = await startServers(command, { s3, ...(data !== undefined && { data }) });
  for (const [name, value] of Object.entries(testEnvironment(servers))) console.log(`export ${name}='${value}'`);
  if (!command.stopped.aborted) await once(command.stopped, 'abort');
  return 0;
});
