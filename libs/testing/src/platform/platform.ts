import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { freePort } from '../processes/free-port.js';
import { describeExit, type ExitStatus } from '../processes/managed-process.js';
import { ProcessGuard } from '../processes/process-guard.js';
import { serverEnvironment, type ServerAddresses } from '../servers/server-addresses.js';
import { workspaceRoot } from '../workspace.js';
import { ServiceInstance, type ServiceName } from './service-instance.js';

export interface PlatformOptions {
  readonly servers: ServerAddresses;
  /** How many instances of each service; one of each when not said. */
  readonly services?: Partial<Record<ServiceName, number>>;
  /** Port of the (first) gateway; a free one when not said. */
  readonly port?: number;
  readonly database: string;
  /** Put before every topic and consumer group. */
  readonly topicPrefix: string;
  /** Partitions of the topics. */
  readonly partitions?: number;
  /** Further variables for every service, such as limits to test. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Folder for one log file per instance; below `tmp/` of the checkout when not said. */
  readonly logFolder?: string;
  /** Folder of files, unless the environment says otherwise; when not said one below `tmp/` of the checkout, removed when the platform stops, and when this process ends without that. */
  readonly objectFolder?: string;
  /** Watches the services; the platform starts one of its own when not said. */
  readonly guard?: ProcessGuard;
  /** Milliseconds a service may take to become ready. */
  readonly readyTimeout?: number;
  /** Called when a service ends that nobody stopped or killed. It is not restarted. */
  readonly onUnexpectedExit?: (instance: ServiceInstance, status: ExitStatus) => void;
}

/** The services of one running platform. */
export interface Platform {
  /** Base address of the first gateway, such as `http://127.0.0.1:8080`. */
  readonly gatewayUrl: string;
  /** Base address of the first edge. */
  readonly edgeUrl: string;
  readonly logFolder: string;
  /** Where its files lie, unless the environment said otherwise. */
  readonly objectFolder: string;
  /** One line for each service that ended by itself; tests expect none. */
  readonly unexpectedExits: readonly string[];
  /** The instances of a service, also stopped ones. */
  instances(service: ServiceName): readonly ServiceInstance[];
  /** Starts one more instance of a service and waits until it is ready. */
  add(service: ServiceName): Promise<ServiceInstance>;
  /** Stops every service, all at once. */
  stop(): Promise<void>;
}

/** Every service. The edge comes first: the gateway is told where it answers. */
export const allServices: readonly ServiceName[] = [
  'edge',
  'gateway',
  'ingestion-worker',
  'merge-worker',
  'deletion-worker',
  'export-worker',
  'sampling-worker',
];

/**
 * Starts the built services (`npm run build`) as processes of their own on servers that run already, and waits until
 * each is ready. Each has a free HTTP port of its own. They are stopped with this process, however it ends.
 *
 * @throws Error with the end of the log of the first service that fails; the others are stopped then.
 */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const platform = new RunningPlatform(options);
  try {
    await platform.start();
  } catch (error) {
    await platform.stop();
    throw error;
  }
  return platform;
}

class RunningPlatform implements Platform {
  readonly logFolder: string;
  readonly objectFolder: string;
  readonly unexpectedExits: string[] = [];
  private readonly guard: ProcessGuard;
  private readonly all: ServiceInstance[] = [];

  constructor(private readonly options: PlatformOptions) {
    this.guard = options.guard ?? ProcessGuard.start();
    this.logFolder = options.logFolder ?? join(workspaceRoot(), 'tmp/logs', options.database);
    // Of this platform alone: another one may have a database of the same name.
    this.objectFolder =
      options.objectFolder ?? join(workspaceRoot(), 'tmp/objects', `${options.database}-${randomUUID()}`);
  }

  get gatewayUrl(): string {
    const [gateway] = this.instances('gateway');
    if (gateway === undefined) throw new Error('This platform was started without a gateway.');
    return gateway.url;
  }

  get edgeUrl(): string {
    const [edge] = this.instances('edge');
    if (edge === undefined) throw new Error('This platform was started without an edge.');
    return edge.url;
  }

  instances(service: ServiceName): readonly ServiceInstance[] {
    return this.all.filter((instance) => instance.service === service);
  }

  async start(): Promise<void> {
    const wanted = allServices.flatMap((service) =>
      Array.from({ length: this.options.services?.[service] ?? 1 }, () => service),
    );
    if (this.options.objectFolder === undefined) this.guard.remove(this.objectFolder);
    await mkdir(this.objectFolder, { recursive: true });
    const instances: ServiceInstance[] = [];
    for (const service of wanted) instances.push(await this.prepare(service));
    await Promise.all(instances.map((instance) => instance.start()));
  }

  async add(service: ServiceName): Promise<ServiceInstance> {
    const instance = await this.prepare(service);
    await instance.start();
    return instance;
  }

  async stop(): Promise<void> {
    await Promise.all(this.all.map((instance) => instance.stop()));
    if (this.options.objectFolder === undefined) await rm(this.objectFolder, { recursive: true, force: true });
    if (this.options.guard === undefined) await this.guard.close();
  }

  private async prepare(service: ServiceName): Promise<ServiceInstance> {
    const number = this.instances(service).length + 1;
    const asked = service === 'gateway' && number === 1 ? this.options.port : undefined;
    const instance = new ServiceInstance({
      service,
      number,
      port: asked ?? (await freePort()),
      environment: this.environment(),
      logFolder: this.logFolder,
      guard: this.guard,
      readyTimeout: this.options.readyTimeout ?? 120_000,
      onUnexpectedExit: (which, status) => {
        this.unexpectedExits.push(`${which.name} ${describeExit(status)}`);
        this.options.onUnexpectedExit?.(which, status);
      },
    });
    this.all.push(instance);
    return instance;
  }

  /** Nothing of this process's environment reaches a service by accident, such as Jest's options for Node. */
  private environment(): Record<string, string | undefined> {
    const [edge] = this.instances('edge');
    const { PATH, HOME, TMPDIR, TZ } = process.env;
    return {
      PATH,
      HOME,
      TMPDIR,
      TZ,
      NODE_ENV: 'development',
      ISSUER: 'development',
      HOST: '127.0.0.1',
      ...this.options.environment,
      ...serverEnvironment(this.options.servers),
      MONGODB_DATABASE: this.options.database,
      KAFKA_TOPIC_PREFIX: this.options.topicPrefix,
      REDIS_PREFIX: this.options.topicPrefix,
      OBJECT_STORAGE_URL: this.options.environment?.['OBJECT_STORAGE_URL'] || pathToFileURL(this.objectFolder).href,
      EDGE_URL: edge?.url,
      ...(this.options.partitions === undefined ? {} : { KAFKA_PARTITIONS: String(this.options.partitions) }),
    };
  }
}
