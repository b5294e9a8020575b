import { randomUUID } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { edgeSchema, loadConfiguration } from '@tessera/config';
import type { JsonObject, Tenant } from '@tessera/contracts';
import {
  versionOf,
  withNewConfiguration,
  withNewDestination,
  withNewPolicy,
  xidOf,
  type DestinationSettings,
  type PolicySettings,
} from '@tessera/domain';
import { EdgeCopies } from '@tessera/edge-store';
import { createHttpApplication, DEVELOPMENT_ISSUER } from '@tessera/http';
import { createLogger, Metrics } from '@tessera/observability';
import {
  Database,
  ensureIndexes,
  FragmentWriter,
  IssuerKeyStore,
  MergePolicyStore,
  ProjectionStore,
  SandboxStore,
} from '@tessera/stores';
import { dropTestDatabase, openDoor, testServers, uniqueDatabaseName } from '@tessera/testing';
import { EdgeModule } from './edge.module.js';

const organisation = 'ORG@TesseraOrg';
const profileSchema = '_xdm.context.profile';

export interface EdgeAnswer {
  readonly status: number;
  readonly body: JsonObject;
  readonly headers: Readonly<Record<string, unknown>>;
}

/**
 * The edge as `main.ts` puts it together, on a real Redis and MongoDB, both behind doors, with what the gateway and the
 * workers would have written.
 */
export async function startEdge() {
  const servers = testServers();
  const name = uniqueDatabaseName();
  const database = Database.create({ uri: servers.mongodbUri, name });
  await ensureIndexes(database);
  const [mongodb, redis] = await Promise.all([
    openDoor(new URL(servers.mongodbUri).host),
    openDoor(new URL(servers.redisUrl).host),
  ]);
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const keyId = randomUUID();
  const issuerKeys = new IssuerKeyStore(database);
  await issuerKeys.findOrKeep({ keyId, privateKey: JSON.stringify(await exportJWK(privateKey)) });
  const configuration = loadConfiguration(edgeSchema, {
    NODE_ENV: 'test',
    ISSUER: 'development',
    MONGODB_URI: `mongodb://127.0.0.1:${mongodb.port}/?directConnection=true`,
    MONGODB_DATABASE: name,
    REDIS_URL: `redis://127.0.0.1:${redis.port}`,
    REDIS_PREFIX: `${name}-`,
    EDGE_DATA_CENTERS: 'OR1,VA5',
    DEPENDENCY_TIMEOUT_MS: '500',
  });
  const start = async (): Promise<NestFastifyApplication> => {
    const [logger, metrics] = [createLogger('edge', 'silent'), new Metrics('edge')];
    const started = await createHttpApplication(EdgeModule.with(configuration, logger, metrics), {
      logger,
      metrics,
      hasAccessControl: true,
    });
    await started.init();
    await started.getHttpAdapter().getInstance().ready();
    return started;
  };
  let application = await start();
  const [fragments, projections, policies, sandboxes] = [
    new FragmentWriter(database),
    new ProjectionStore(database),
    new MergePolicyStore(database),
    new SandboxStore(database),
  ];
  let count = 0;
  const token = (scope = 'profile.read', claims: object = {}) =>
    new SignJWT({ client_id: 'client', organisations: [organisation], scope, ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: keyId })
      .setIssuer(DEVELOPMENT_ISSUER)
      .setAudience(configuration.TOKEN_AUDIENCE)
      .setExpirationTime('1h')
      .sign(privateKey);
  const headers = async (sandbox: string, changed: Readonly<Record<string, string>> = {}) => ({
    authorization: `Bearer ${await token()}`,
    'x-api-key': 'client',
    'x-gw-ims-org-id': organisation,
    'x-sandbox-name': sandbox,
    ...changed,
  });
  const copies = new EdgeCopies({ redisUrl: servers.redisUrl, redisPrefix: `${name}-`, dataCenter: 'OR1' });
  await copies.connect();
  return {
    /** Has the edge hold an entity in place of the one it holds, that was right until just now. */
    outdate: async (tenant: Tenant, email: string, projectionId: string, entity: JsonObject) => {
      const xid = xidOf(tenant, 'email', email);
      const held = await copies.find(tenant, xid, projectionId);
      if (!held) throw new Error('nothing is held');
      const copy = { ...held, projectionId, ttl: 600, body: JSON.stringify(entity), steadyUntil: Date.now() };
      await copies.fill(tenant, { version: held.version, time: Date.now() }, xid, copy);
    },
    mongodb,
    redis,
    projections,
    token,
    prod: { organisation, sandbox: 'prod' } satisfies Tenant,
    newTenant: async (): Promise<Tenant> => {
      const sandbox = `sandbox-${(count += 1)}`;
      await sandboxes.create(
        organisation,
        { name: sandbox, title: sandbox, type: 'development', createdBy: 'test' },
        0,
      );
      return { organisation, sandbox };
    },
    get: async (tenant: Tenant, path: string, changed?: Readonly<Record<string, string>>): Promise<EdgeAnswer> => {
      const answer = await application.inject({ url: path, headers: await headers(tenant.sandbox, changed) });
      return { status: answer.statusCode, body: answer.json<JsonObject>(), headers: answer.headers };
    },
    /** The sum of a metric's lines that contain a text. */
    metric: async (lines: string): Promise<number> => {
      const { body } = await application.inject({ url: '/metrics' });
      const found = body.split('\n').filter((line) => line.startsWith('tessera_edge') && line.includes(lines));
      return found.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
    },
    record: async (tenant: Tenant, email: string, body: JsonObject, datasetId = 'dataset') => {
      const age = (count += 1);
      const version = versionOf(age, { acceptedAt: age, position: String(age).padStart(12, '0') });
      const write = { datasetId, xid: xidOf(tenant, 'email', email), age, version, acceptedAt: age };
      await fragments.apply(tenant, [{ ...write, body: JSON.stringify(body) }]);
    },
    /** A configuration with a destination of its own. @returns the id of each. */
    project: async (
      tenant: Tenant,
      projection: string,
      selector: string,
      settings: Partial<DestinationSettings> = {},
    ) => {
      const [destinationId, id] = [randomUUID(), randomUUID()];
      const destination: DestinationSettings = {
        type: 'EDGE',
        dataCenters: ['OR1'],
        ttl: 3_600,
        replicationPolicy: 'REACTIVE',
        ...settings,
      };
      await projections.change(tenant, (set) => withNewDestination(set, destinationId, destination));
      await projections.change(tenant, (set) =>
        withNewConfiguration(set, { id, schemaName: profileSchema }, { name: projection, selector, destinationId }),
      );
      return { id, destinationId };
    },
    policy: async (tenant: Tenant, attributeMerge: PolicySettings['attributeMerge']) => {
      const settings: PolicySettings = {
        name: 'on edge',
        schema: { name: profileSchema },
        identityGraph: { type: 'pdg' },
        attributeMerge,
        isActiveOnEdge: true,
        default: false,
      };
      const stamp = { id: randomUUID(), updateEpoch: 0 };
      await policies.change(tenant, (known) => withNewPolicy(known, tenant, settings, stamp));
    },
    restart: async () => {
      await application.close();
      application = await start();
    },
    close: async () => {
      await application.close();
      copies.close();
      await Promise.all([mongodb.shut(), redis.shut(), database.close()]);
      await dropTestDatabase(servers.mongodbUri, name);
    },
  };
}

export type TestEdge = Awaited<ReturnType<typeof startEdge>>;
