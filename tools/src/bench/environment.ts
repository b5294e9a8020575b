import {
  deleteTestTopics,
  dropTestDatabase,
  startPlatform,
  uniqueDatabaseName,
  uniqueTopicPrefix,
} from '@tessera/testing';
import { builtInSchemas, schemaNames } from '../client/record-message.js';
import { TesseraClient } from '../client/tessera-client.js';
import { CommandError, type Command } from '../command/command.js';
import { seededRandom, shuffled } from '../load/random.js';
import { waitUntilIdle } from '../load/settle.js';
import { startServers } from '../servers/start-servers.js';
import { startBaseline } from './baseline/start-baseline.js';
import { RecordSource, seed } from './ingest-load.js';
import type { BenchOptions } from './options.js';
import type { WatchedProcess } from './process-usage.js';
import { insertReaders, readerNamespace, streamReaders } from './readers.js';
import { RecordTemplate, type RecordShape } from './record-template.js';
import { inTurns, type Sides, type Target } from './target.js';

/** What the rows have at hand. */
export interface Bench {
  readonly options: BenchOptions;
  readonly client: TesseraClient;
  readonly inletId: string;
  readonly sides: Sides;
  /** Base address of the edge, which only Tessera has. */
  readonly edgeUrl: string;
  /** Of the baseline's process that loads files. */
  readonly baselineLoaderUrl: string;
  /** Every process of both sides but the servers. */
  readonly processes: readonly WatchedProcess[];
  readonly mongodbUri: string;
  /** The platform's database. */
  readonly database: string;
  /** Where each side's records come from. Every person is there on both sides, so what is measured changes records. */
  readonly records: (shape: RecordShape) => Promise<Sources>;
  /** Makes sure the people that are looked up are there, on both sides. */
  readonly prepareReaders: () => Promise<void>;
  /** Waits until the platform has nothing left to do, so that the next turn has the machine for itself. */
  readonly rest: () => Promise<void>;
  report(line: string): void;
}

/** The same people in the same order for each side. */
export type Sources = Readonly<Record<Target['name'], RecordSource>>;

const PARTITIONS = 12;
/** Enough that a batch of one partition hardly ever holds two records of one person. */
const PEOPLE = 20_000;

/** Brings up the servers, the platform and the baseline beside it. All of it ends with the command. */
export async function startBench(command: Command, options: BenchOptions): Promise<Bench> {
  const servers = await startServers(command);
  const [database, baselineDatabase, topicPrefix] = [uniqueDatabaseName(), uniqueDatabaseName(), uniqueTopicPrefix()];
  command.defer(() => deleteTestTopics(servers.kafkaBrokers, topicPrefix));
  for (const name of [database, baselineDatabase]) command.defer(() => dropTestDatabase(servers.mongodbUri, name));
  const baseline = await startBaseline({
    command,
    servers,
    database: baselineDatabase,
    topicPrefix,
    partitions: PARTITIONS,
    logFolder: servers.logFolder,
  });
  const platform = await startPlatform({
    servers,
    database,
    topicPrefix,
    partitions: PARTITIONS,
    logFolder: servers.logFolder,
    guard: command.guard,
    onUnexpectedExit: (instance) => command.report(`${instance.name} ended:\n${instance.logTail()}`),
  });
  command.defer(() => platform.stop());
  const client = new TesseraClient({ url: platform.gatewayUrl });
  const inletId = await client.createInlet('Benchmark');
  const dataSet = await client.createDataSet('Benchmark', builtInSchemas.profile);

  const services = (
    [
      'gateway',
      'ingestion-worker',
      'merge-worker',
      'deletion-worker',
      'edge',
      'export-worker',
      'sampling-worker',
    ] as const
  ).flatMap((name) => platform.instances(name));
  const sides: Sides = {
    baseline: baselineTarget(baseline.gatewayUrl),
    tessera: tesseraTarget(platform.gatewayUrl, inletId, await client.authenticate()),
  };
  const sources = new Map<RecordShape, Promise<Sources>>();
  let readers: Promise<unknown> | undefined;
  return {
    options,
    client,
    inletId,
    sides,
    edgeUrl: platform.edgeUrl,
    baselineLoaderUrl: baseline.loaderUrl,
    processes: [...services, ...baseline.processes].map(({ name, pid }) => ({ name, pid: running(name, pid) })),
    mongodbUri: servers.mongodbUri,
    database,
    records: (shape) => {
      const known = sources.get(shape) ?? seededSources(sides, new RecordTemplate(dataSet, client.organisation, shape));
      sources.set(shape, known);
      return known;
    },
    rest: () => waitUntilIdle(client),
    prepareReaders: async () => {
      readers ??= Promise.all([streamReaders(client, inletId), insertReaders(servers.mongodbUri, baselineDatabase)]);
      await readers;
    },
    report: (line) => command.report(line),
  };
}

async function seededSources(sides: Sides, template: RecordTemplate): Promise<Sources> {
  const numbers = Array.from({ length: PEOPLE }, (_, index) => String(index).padStart(6, '0'));
  const people = shuffled(numbers, seededRandom(1));
  const sources = { baseline: new RecordSource(people, template), Tessera: new RecordSource(people, template) };
  for (const target of inTurns(sides)) await seed(target, sources[target.name]);
  return sources;
}

function baselineTarget(url: string): Target {
  return {
    name: 'baseline',
    url,
    headers: {},
    recordPath: '/records',
    batchPath: '/records/batch',
    recordLookupPath: (email) => `/records?id=${encodeURIComponent(email)}`,
    profileLookupPath: (person, part) => `/profiles?id=${encodeURIComponent(`${readerNamespace(part)}/${person}`)}`,
  };
}

function tesseraTarget(url: string, inletId: string, headers: Readonly<Record<string, string>>): Target {
  const lookup = (namespace: string, id: string) =>
    `/data/core/ups/access/entities?schema.name=${schemaNames.profile}&entityIdNS=${namespace}&entityId=${encodeURIComponent(id)}`;
  return {
    name: 'Tessera',
    url,
    headers,
    recordPath: `/collection/${inletId}`,
    batchPath: `/collection/batch/${inletId}`,
    recordLookupPath: (email) => `${lookup('Email', email)}&fields=sequence`,
    profileLookupPath: (person, part) => lookup(readerNamespace(part), person),
  };
}

function running(name: string, pid: number | undefined): number {
  if (pid === undefined) throw new CommandError(`${name} does not run.`);
  return pid;
}
