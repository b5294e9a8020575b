import { once } from 'node:events';
import { join } from 'node:path';
import { describeExit, isFree, startPlatform } from '@tessera/testing';
import { CommandError, runCommand } from './command/command.js';
import { startServers } from './servers/start-servers.js';
import { startOptions } from './start/options.js';
import { serviceEnvironment } from './start/service-environment.js';
import { welcomeText } from './start/welcome.js';

/** `npm start`: the whole platform in the foreground, until Ctrl-C. */
await runCommand(async (command) => {
  const { port, data } = startOptions(process.argv.slice(2), process.env);
  if (!(await isFree(port))) {
    throw new CommandError(
      `Port ${port} is taken: stop what listens there, or choose another one (TESSERA_PORT=9090 npm start).`,
    );
  }
  command.report('Starting Kafka, MongoDB and Redis …');
  const servers = await startServers(command, data === undefined ? {} : { data });
  command.report('Starting the services …');
  const failure = new AbortController();
  const platform = await startPlatform({
    servers,
    port,
    database: process.env['MONGODB_DATABASE'] || 'tessera',
    topicPrefix: process.env['KAFKA_TOPIC_PREFIX'] ?? '',
    environment: serviceEnvironment(process.env),
    logFolder: servers.logFolder,
    ...(data !== undefined && { objectFolder: join(data, 'objects') }),
    guard: command.guard,
    onUnexpectedExit: (instance, status) => {
      failure.abort(new CommandError(`${instance.name} ${describeExit(status)}:\n${instance.logTail()}`));
    },
  });
  command.defer(() => platform.stop());
  console.log(
    welcomeText({ gatewayUrl: platform.gatewayUrl, edgeUrl: platform.edgeUrl, logFolder: platform.logFolder, data }),
  );
  if (!failure.signal.aborted) await once(failure.signal, 'abort');
  throw failure.signal.reason;
});
