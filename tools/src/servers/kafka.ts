import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, serverVariables } from '@tessera/testing';
import { Kafka, logLevel } from 'kafkajs';
import { runTool } from '../command/run-tool.js';
import { container } from './docker.js';
import { javaProgram, kafkaJars } from './kafka-jars.js';
import type { Launch, LaunchRequest, ServerKind } from './server-kind.js';

const TWELVE_MEBIBYTES = 12 * 1024 * 1024;

/** Settings of a one-node Kafka for development, on any machine. Listeners and folders are added to them. */
const settings: Readonly<Record<string, string | number>> = {
  'process.roles': 'broker,controller',
  'node.id': 1,
  'controller.listener.names': 'CONTROLLER',
  'inter.broker.listener.name': 'PLAINTEXT',
  'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
  // Topics are created by the platform, with their partitions; a misspelt name is an error.
  'auto.create.topics.enable': 'false',
  'offsets.topic.num.partitions': 4,
  'offsets.topic.replication.factor': 1,
  'transaction.state.log.num.partitions': 4,
  'transaction.state.log.replication.factor': 1,
  'transaction.state.log.min.isr': 1,
  'share.coordinator.state.topic.replication.factor': 1,
  'share.coordinator.state.topic.min.isr': 1,
  // By default every commit waits 5 ms and the first member of a group 3 s, for company that never comes here.
  'group.coordinator.append.linger.ms': 0,
  'group.initial.rebalance.delay.ms': 0,
  // Lets tests see a killed member leave its group soon.
  'group.min.session.timeout.ms': 1_000,
  // A streaming body is at most 10 MB (spec 02-conventions) and becomes one batch of messages.
  'message.max.bytes': TWELVE_MEBIBYTES,
  'replica.fetch.max.bytes': TWELVE_MEBIBYTES,
  'log.segment.bytes': 64 * 1024 * 1024,
  'log.index.size.max.bytes': 1024 * 1024,
  'log.cleaner.dedupe.buffer.size': 16 * 1024 * 1024,
};

/** A broker that shares a machine with everything else: collecting on all cores at once would keep the others waiting. */
const jvm = ['-Xms256m', '-Xmx512m', '-XX:+UseSerialGC'];

export const kafka: ServerKind = {
  name: 'Kafka',
  id: 'kafka',
  variable: serverVariables.kafkaBrokers,
  portVariable: 'TESSERA_KAFKA_PORT',
  addressOf: (port) => `127.0.0.1:${port}`,
  native,
  docker,
  check,
};

/** A data folder of an earlier run, even a killed one, is used again with the cluster id in it. */
async function native(request: LaunchRequest): Promise<Launch> {
  const java = await javaProgram(request.command);
  const jars = join(await kafkaJars(request.command), '*');
  const controller = await freePort();
  const configuration = join(request.data, 'server.properties');
  const logs = join(request.data, 'log');
  await writeFile(
    configuration,
    properties({
      ...settings,
      listeners: `PLAINTEXT://127.0.0.1:${request.port},CONTROLLER://127.0.0.1:${controller}`,
      'advertised.listeners': `PLAINTEXT://127.0.0.1:${request.port}`,
      'controller.quorum.voters': `1@127.0.0.1:${controller}`,
      'log.dirs': logs,
    }),
  );
  const classes = ['-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-cp', jars];
  if (!existsSync(join(logs, 'meta.properties'))) {
    const clusterId = randomBytes(16).toString('base64url').replace(/^-/, 'A'); // Else read as an option.
    await runTool(
      request.command,
      java,
      [...classes, 'kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', configuration],
      { missing: 'Java is gone.', failed: `Kafka could not format its data folder ${logs}.` },
    );
  }
  return { program: java, args: [...jvm, ...classes, 'kafka.Kafka', configuration] };
}

function docker(request: LaunchRequest): Launch {
  const all: Record<string, string | number> = {
    ...settings,
    listeners: 'PLAINTEXT://:9092,CONTROLLER://:9093',
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${request.port}`,
    'controller.quorum.voters': '1@localhost:9093',
    'log.dirs': '/var/lib/kafka/data',
    'heap.opts': '-Xms256m -Xmx512m',
  };
  // The image turns KAFKA_A_B into the setting a.b, and KAFKA_HEAP_OPTS into options of the JVM.
  const environment = Object.fromEntries(
    Object.entries(all).map(([name, value]) => [`KAFKA_${name.toUpperCase().replaceAll('.', '_')}`, String(value)]),
  );
  return container(request, {
    image: 'kafka',
    containerPort: 9092,
    dataFolder: '/var/lib/kafka/data',
    environment,
  });
}

/** Also makes Kafka create its offsets topic, which the first group would otherwise have to wait for. */
async function check(address: string): Promise<void> {
  const client = new Kafka({
    clientId: 'tessera-tools',
    brokers: address.split(',').map((broker) => broker.trim()),
    logLevel: logLevel.NOTHING,
    connectionTimeout: 2_000,
    requestTimeout: 5_000,
    retry: { retries: 0 },
  });
  const admin = client.admin();
  try {
    await admin.connect();
    await admin.describeCluster();
    await admin.fetchOffsets({ groupId: 'tessera-tools' });
  } finally {
    await admin.disconnect();
  }
}

function properties(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
