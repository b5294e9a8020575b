import {
  deleteTestTopics,
  dropTestDatabase,
  startPlatform,
  uniqueDatabaseName,
  uniqueTopicPrefix,
} from '@tessera/testing';
import { TesseraClient } from './client/tessera-client.js';
import { runCommand } from './command/command.js';
import { readDemoData } from './demo/plan.js';
import { count, heading, line } from './demo/printer.js';
import { loadPublicData } from './demo/public-data.js';
import { runDemo } from './demo/run-demo.js';
import { startServers } from './servers/start-servers.js';

/** `npm run demo`: real data through a real platform, every figure checked. Ends by itself and leaves nothing running. */
await runCommand(async (command) => {
  heading('Tessera demo');
  const data = readDemoData(await loadPublicData(command));
  line(`${count(data.purchases.length)} purchases of a record shop (CDNOW) and two sources of people (FEBRL)`);
  const servers = await startServers(command);
  line('Kafka, MongoDB and Redis are ready');
  const database = uniqueDatabaseName();
  const topicPrefix = uniqueTopicPrefix();
  // Servers that were there before keep nothing of the demo.
  command.defer(() => dropTestDatabase(servers.mongodbUri, database));
  command.defer(() => deleteTestTopics(servers.kafkaBrokers, topicPrefix));
  const platform = await startPlatform({
    servers,
    database,
    topicPrefix,
    logFolder: servers.logFolder,
    guard: command.guard,
    onUnexpectedExit: (instance) => line(`${instance.name} ended unexpectedly:\n${instance.logTail()}`),
  });
  command.defer(() => platform.stop());
  line(`every service is ready, the gateway at ${platform.gatewayUrl}`);
  const client = new TesseraClient({ url: platform.gatewayUrl });
  const failures = await runDemo(client, data);
  await client.close();
  return failures.length === 0 ? 0 : 1;
});
