import { randomUUID } from 'node:crypto';
import { loadConfiguration, mergeWorkerSchema } from '@tessera/config';
import { withNewConfiguration, withNewDestination } from '@tessera/domain';
import { EdgeCopies } from '@tessera/edge-store';
import { ProjectionStore } from '@tessera/stores';
import { eventually, openDoor, type Door } from '@tessera/testing';
import { composeProjections, type EdgeFeeding } from './compose-projections.js';
import { evidenceOf, graphWorker, identityOf } from './graph-worker.fixture.js';

/** Real: Kafka, MongoDB, and Redis, which one of two data centres reaches through a door. */
describe('feeding edges', () => {
  const worker = graphWorker();
  const tenant = worker.newTenant();
  const { servers, topicPrefix, database, messaging, producer, logger } = worker;
  let door: Door;
  let feeding: EdgeFeeding;
  const edges = ['OR1', 'VA5'].map(
    (dataCenter) => new EdgeCopies({ redisUrl: servers.redisUrl, redisPrefix: topicPrefix, dataCenter }),
  );
  const [or1, va5] = edges as [EdgeCopies, EdgeCopies];
  const projectionId = randomUUID();

  beforeAll(async () => {
    await worker.start();
    door = await openDoor(new URL(servers.redisUrl).host);
    await door.shut();
    const configuration = loadConfiguration(mergeWorkerSchema, {
      KAFKA_BROKERS: servers.kafkaBrokers,
      MONGODB_URI: servers.mongodbUri,
      REDIS_URL: servers.redisUrl,
      REDIS_PREFIX: topicPrefix,
      EDGE_DATA_CENTERS: `OR1,VA5=redis://127.0.0.1:${door.port}`,
    });
    const metrics = worker.exposition;
    const prepare = () => Promise.resolve();
    feeding = composeProjections({ configuration, database, messaging, producer, metrics, logger, prepare });
    await Promise.all([feeding.onApplicationBootstrap(), ...edges.map((edge) => edge.connect())]);
    const projections = new ProjectionStore(database);
    await projections.change(tenant, (set) =>
      withNewDestination(set, 'everywhere', {
        type: 'EDGE',
        dataCenters: ['OR1', 'VA5'],
        ttl: 3_600,
        replicationPolicy: 'PROACTIVE',
      }),
    );
    const schemaName = '_xdm.context.profile';
    await projections.change(tenant, (set) =>
      withNewConfiguration(
        set,
        { id: projectionId, schemaName },
        { name: 'who', selector: 'identities', destinationId: 'everywhere' },
      ),
    );
  });
  afterAll(async () => {
    await door.open();
    await feeding.beforeApplicationShutdown();
    feeding.onApplicationShutdown();
    for (const edge of edges) edge.close();
    await door.shut();
    await worker.close();
  });

  it('of one data centre waits for no Redis of another, which hears of everything once it is back', async () => {
    const { changes } = await worker.graph.apply(tenant, [evidenceOf(tenant, ['email:a'], 1)]);
    await worker.publisher.publish(tenant, changes);
    const { xid } = identityOf(tenant, 'email:a');
    await eventually(async () => expect(await or1.find(tenant, xid, projectionId)).toBeDefined());
    expect(await va5.find(tenant, xid, projectionId)).toBeUndefined();
    await door.open();
    await eventually(async () => expect(await va5.find(tenant, xid, projectionId)).toBeDefined());
  });
});
