import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { serverEnvironment } from '@tessera/testing';
import { runCommand } from './command/command.js';
import { startServers } from './servers/start-servers.js';

/** `npm run servers`: only Kafka, MongoDB and Redis, in the foreground; prints the variables other commands find them by. */
await runCommand(async (command) => {
  const { data } = parseArgs({ options: { data: { type: 'string' } } }).values;
  const servers = await startServers(command, data === undefined ? {} : { data });
  for (const [name, value] of Object.entries(serverEnvironment(servers))) console.log(`export ${name}='${value}'`);
  if (!command.stopped.aborted) await once(command.stopped, 'abort');
  return 0;
});
