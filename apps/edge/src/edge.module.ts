import { Module, type DynamicModule } from '@nestjs/common';
import type { EdgeConfiguration } from '@tessera/config';
import { EdgeCopies, EdgeShelf } from '@tessera/edge-store';
import { AccessControl, OperationsModule, TokenVerifier } from '@tessera/http';
import type { Logger, Metrics } from '@tessera/observability';
import { ComputedAttributeReader, Database, IssuerKeyStore, PeopleSnapshots, SandboxStore } from '@tessera/stores';
import { heldKeys } from './admission/held-keys.js';
import { HeldSandboxes, readSandboxes } from './admission/held-sandboxes.js';
import { HeldValues } from './admission/held-values.js';
import { issuerOf } from './admission/key-set-source.js';
import { Connections } from './connections.js';
import { DataCenter } from './lookup/data-center.js';
import { EdgeMetrics } from './lookup/edge-metrics.js';
import { ProjectionFills } from './lookup/projection-fills.js';
import { ProjectionLookup } from './lookup/projection-lookup.js';
import { ProjectionsController } from './lookup/projections.controller.js';

/** Milliseconds for which the issuer's keys are not fetched again, unless a token names one that is not among them. */
const KEYS_FRESH_FOR_MS = 60_000;

/** The edge: its parts, and the connections they share. */
@Module({})
export class EdgeModule {
  static with(configuration: EdgeConfiguration, logger: Logger, metrics: Metrics): DynamicModule {
    const database = Database.create({
      uri: configuration.MONGODB_URI,
      name: configuration.MONGODB_DATABASE,
      timeout: configuration.DEPENDENCY_TIMEOUT_MS,
    });
    const snapshots = new PeopleSnapshots(database);
    const edges = configuration.EDGE_DATA_CENTERS.map(({ name: dataCenter, redisUrl }) => {
      const options = {
        redisUrl: redisUrl ?? configuration.REDIS_URL,
        redisPrefix: configuration.REDIS_PREFIX,
        dataCenter,
        timeout: configuration.DEPENDENCY_TIMEOUT_MS,
      };
      return { copies: new EdgeCopies(options), shelf: new EdgeShelf(options) };
    });
    const [home] = edges;
    if (home === undefined) throw new Error('EDGE_DATA_CENTERS names no data centre');
    const lookup = new ProjectionLookup(
      edges.map(({ copies, shelf }) => new DataCenter(copies, shelf, snapshots)),
      new ProjectionFills(snapshots, {
        reader: new ComputedAttributeReader(database),
        tenantName: configuration.TENANT_NAME,
      }),
      new EdgeMetrics(metrics),
    );
    const checks = Object.fromEntries(
      edges.map(({ copies }) => [edges.length === 1 ? 'redis' : `redis-${copies.dataCenter}`, () => copies.ping()]),
    );
    return {
      module: EdgeModule,
      imports: [OperationsModule.with({ metrics, checks, timeout: configuration.DEPENDENCY_TIMEOUT_MS })],
      controllers: [ProjectionsController],
      providers: [
        { provide: ProjectionLookup, useValue: lookup },
        { provide: AccessControl, useValue: accessControl(configuration, database, home.shelf) },
        {
          provide: Connections,
          useValue: new Connections(
            database,
            edges.flatMap(({ copies, shelf }) => [copies, shelf]),
            logger,
          ),
        },
      ],
    };
  }
}

/** Admission as everywhere, by what is held while its sources are away. */
function accessControl(configuration: EdgeConfiguration, database: Database, shelf: EdgeShelf): AccessControl {
  const { issuer, read } = issuerOf(configuration, new IssuerKeyStore(database));
  return new AccessControl({
    verifier: new TokenVerifier({
      keys: heldKeys(new HeldValues({ kind: 'keys', shelf, read, freshFor: KEYS_FRESH_FOR_MS })),
      issuer,
      audience: configuration.TOKEN_AUDIENCE,
      organisationsClaim: configuration.TOKEN_ORGANISATIONS_CLAIM,
      clientClaim: configuration.TOKEN_CLIENT_CLAIM,
    }),
    sandboxes: new HeldSandboxes(
      new HeldValues({ kind: 'sandboxes', shelf, read: readSandboxes(new SandboxStore(database)) }),
    ),
  });
}
