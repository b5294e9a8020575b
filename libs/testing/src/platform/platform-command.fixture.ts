import { startPlatform } from './platform.js';

/** A command like any other, for `platform.spec.ts` to kill: it starts a platform of no services, says where its files lie, and waits. */
const none = {
  'ingestion-worker': 0,
  'merge-worker': 0,
  'deletion-worker': 0,
  'export-worker': 0,
  'sampling-worker': 0,
};
const platform = await startPlatform({
  servers: { kafkaBrokers: 'none', mongodbUri: 'none', redisUrl: 'none' },
  services: { ...none, edge: 0, gateway: 0 },
  database: 'killed',
  topicPrefix: 'killed',
});
console.log(platform.objectFolder);
setInterval(() => undefined, 60_000);
