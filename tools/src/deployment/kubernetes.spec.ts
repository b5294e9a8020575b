import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { parse, parseAllDocuments } from 'yaml';
import {
  deletionWorkerSchema,
  edgeSchema,
  exportWorkerSchema,
  gatewaySchema,
  ingestionWorkerSchema,
  loadConfiguration,
  mergeWorkerSchema,
  samplingWorkerSchema,
} from '@tessera/config';
import { consumerGroups, jobQueues, topicOfGroup } from '@tessera/contracts';
import { workspaceRoot } from '@tessera/testing';
import { startOf } from './start-of.fixture.js';

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef?: { readonly name: string; readonly key: string } };
}
interface Container {
  readonly args: readonly string[];
  readonly command?: unknown;
  readonly env?: readonly Variable[];
  readonly ports: readonly { readonly containerPort: number }[];
}
interface Deployment {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly template: { readonly spec: { readonly containers: readonly [Container] } } };
}
interface ScaledObject {
  readonly kind: 'ScaledObject';
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly scaleTargetRef: { readonly name: string };
    readonly minReplicaCount: number;
    readonly maxReplicaCount: number;
    readonly triggers: readonly { readonly type: string; readonly metadata: Readonly<Record<string, string>> }[];
  };
}
interface NetworkPolicy {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly podSelector: { readonly matchExpressions?: readonly { readonly values: string[] }[] } };
}
interface Kustomization {
  readonly resources: readonly string[];
  readonly components: readonly string[];
}

const schemas = {
  'deletion-worker': deletionWorkerSchema,
  edge: edgeSchema,
  'export-worker': exportWorkerSchema,
  gateway: gatewaySchema,
  'ingestion-worker': ingestionWorkerSchema,
  'merge-worker': mergeWorkerSchema,
  'sampling-worker': samplingWorkerSchema,
};
type App = keyof typeof schemas;
const apps = readdirSync(join(workspaceRoot(), 'apps')).sort() as App[];

const folder = join(workspaceRoot(), 'deploy/kubernetes');
const read = (path: string) => readFileSync(join(folder, path), 'utf8');
const yaml = <Document>(path: string) => parse(read(path)) as Document;
const documents = (path: string) => parseAllDocuments(read(path)).map((document) => document.toJS() as unknown);
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.yaml'));

const settings = parseEnv(read('settings.env'));
const containerIn = (path: string) => yaml<Deployment>(path).spec.template.spec.containers[0];
const componentsOf = (app: App) =>
  yaml<Kustomization>(`${app}/kustomization.yaml`).components.map((path) => join(app, path));
/** Variables that are set one by one: by an app itself, and by the components that it is put together from. */
const variablesOf = (app: App) =>
  [app, ...componentsOf(app)]
    .filter((path) => files.includes(`${path}/deployment.yaml`))
    .flatMap((path) => containerIn(`${path}/deployment.yaml`).env ?? []);
const scaledObjects = apps
  .flatMap((app) => documents(`${app}/scaling.yaml`) as ScaledObject[])
  .filter(({ kind }) => kind === 'ScaledObject');
const triggersOf = (type: string) =>
  scaledObjects.flatMap(({ spec: { scaleTargetRef, triggers } }) =>
    triggers.filter((trigger) => trigger.type === type).map(({ metadata }) => ({ app: scaleTargetRef.name, metadata })),
  );

/** What may hold passwords, and examples of it. */
const secrets: Readonly<Record<string, string>> = {
  MONGODB_URI: 'mongodb://mongodb:27017/?replicaSet=rs0',
  REDIS_URL: 'redis://redis:6379',
  OBJECT_STORAGE_ACCESS_KEY_ID: 'id',
  OBJECT_STORAGE_SECRET_ACCESS_KEY: 'secret',
};

describe('Tessera on Kubernetes', () => {
  it('has every app, started by its command and with the entry point of the image', () => {
    const { resources } = yaml<Kustomization>('kustomization.yaml');
    expect(resources.filter((resource) => !resource.endsWith('.yaml')).sort()).toEqual(apps);
    for (const app of apps) {
      const deployment = yaml<Deployment>(`${app}/deployment.yaml`);
      expect(deployment.metadata.name).toBe(app);
      expect(deployment.spec.template.spec.containers[0].args).toEqual(startOf(app));
      expect(yaml<Kustomization>(`${app}/kustomization.yaml`).resources).toContain('deployment.yaml');
      expect(componentsOf(app)).toContain('components/service');
    }
    for (const path of files.filter((name) => name.endsWith('deployment.yaml'))) {
      expect(containerIn(path).command).toBeUndefined();
    }
  });

  it.each(apps)('gives a configuration to the %s with which it starts in production', (app) => {
    const set = variablesOf(app).map(({ name, value }) => [name, value ?? secrets[name]] as const);
    const configuration = loadConfiguration(schemas[app], { ...settings, ...Object.fromEntries(set) });
    expect(configuration.NODE_ENV).toBe('production');
    const [{ containerPort }] = containerIn('components/service/deployment.yaml').ports as [{ containerPort: number }];
    expect(configuration.PORT).toBe(containerPort);
    if ('ISSUER' in configuration) expect(configuration.ISSUER).toBe('oidc');
    // A folder would be another one on every node.
    if ('OBJECT_STORAGE_URL' in configuration) expect(configuration.OBJECT_STORAGE_URL).toMatch(/^s3:/);
  });

  it('sets no variable that no service knows', () => {
    const known = new Set(Object.values(schemas).flatMap(({ shape }) => Object.keys(shape)));
    const set = [...Object.keys(settings), ...apps.flatMap((app) => variablesOf(app).map(({ name }) => name))];
    expect(set.filter((name) => !known.has(name))).toEqual([]);
  });

  it('has no secret in it, and refers to one', () => {
    for (const path of files) {
      for (const document of documents(path)) {
        expect(document).not.toHaveProperty('secretGenerator');
        expect(document).not.toMatchObject({ kind: 'Secret' });
      }
    }
    for (const { name, value, valueFrom } of apps.flatMap(variablesOf).filter((variable) => variable.name in secrets)) {
      expect(value).toBeUndefined();
      expect(valueFrom?.secretKeyRef).toMatchObject({ name: 'tessera-secrets', key: name });
    }
    expect(Object.keys(settings).filter((name) => name in secrets)).toEqual([]);
    expect(read('settings.env')).not.toMatch(/:\/\/[^/\s]*@/);
  });

  it('gives the keys of the bucket to those who need it and to nobody else', () => {
    const given = apps.filter((app) => variablesOf(app).some(({ name }) => name === 'OBJECT_STORAGE_ACCESS_KEY_ID'));
    expect(given).toEqual(apps.filter((app) => 'OBJECT_STORAGE_URL' in schemas[app].shape));
  });

  it('scales every worker by groups that are its own, on the topics they read', () => {
    const prefix = settings['KAFKA_TOPIC_PREFIX'] ?? '';
    const known = new Map(
      Object.entries(consumerGroups).map(([name, group]) => [group, topicOfGroup[name as keyof typeof topicOfGroup]]),
    ) as ReadonlyMap<string, string>;
    const lags = triggersOf('kafka');
    for (const { app, metadata } of lags) {
      const group = metadata['consumerGroup']?.slice(prefix.length) ?? '';
      expect(`${group}-`.startsWith(`${app}-`)).toBe(true);
      expect(metadata['topic']).toBe(`${prefix}${known.get(group)}`);
      expect(Object.keys(settings)).toContain(metadata['bootstrapServersFromEnv']);
    }
    expect([...new Set(lags.map(({ app }) => app))]).toEqual(apps.filter((app) => app.endsWith('-worker')));
  });

  it('scales by queues that exist', () => {
    const queues = triggersOf('prometheus').map(
      ({ metadata }) => /tessera_queue_entries\{queue="([^"]*)"/.exec(metadata['query'] ?? '')?.[1],
    );
    expect(queues.length).toBeGreaterThan(0);
    for (const queue of queues) expect(Object.keys(jobQueues)).toContain(queue?.replace(/-parts$/, ''));
  });

  it('starts at least one of each worker, and no more than there are partitions', () => {
    for (const { metadata, spec } of scaledObjects) {
      expect(metadata.name).toBe(spec.scaleTargetRef.name);
      expect(spec.minReplicaCount).toBeGreaterThanOrEqual(1);
      expect(spec.maxReplicaCount).toBeLessThanOrEqual(Number(settings['KAFKA_PARTITIONS']));
    }
  });

  it('lets out to Kafka and to HTTPS exactly those who go there', () => {
    const policies = documents('network-policies.yaml') as NetworkPolicy[];
    const namesIn = (policy: string) =>
      policies
        .find(({ metadata }) => metadata.name === policy)
        ?.spec.podSelector.matchExpressions?.flatMap(({ values }) => values)
        .sort();
    const having = (variable: string) => apps.filter((app) => variable in schemas[app].shape);
    expect(namesIn('tessera-to-https')).toEqual(
      [...new Set([...having('OBJECT_STORAGE_URL'), ...having('OIDC_ISSUER_URL')])].sort(),
    );
    const withoutKafka = apps.filter((app) => !having('KAFKA_BROKERS').includes(app));
    expect(namesIn('tessera-to-kafka')).toEqual(withoutKafka);
  });
});
