import { createHash } from 'node:crypto';
import { runTool } from '../command/run-tool.js';
import type { Launch, LaunchRequest, ServerCommand } from './server-kind.js';

/** Images of the servers; those of the first three are the same as in `docker-compose.yml`. */
export const images = {
  kafka: 'apache/kafka:4.1.0',
  mongodb: 'mongo:7.0.14',
  redis: 'redis:7.2.5',
  s3: 'chrislusf/seaweedfs:4.48',
} as const;

export interface ContainerOptions {
  readonly image: keyof typeof images;
  /** Port the server listens on inside the container. */
  readonly containerPort: number;
  /** Folder inside the container that holds the data. */
  readonly dataFolder: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
}

/** Whether a Docker engine answers. */
export async function dockerAnswers(command: ServerCommand): Promise<boolean> {
  const options = { missing: 'no Docker', failed: 'no Docker engine' };
  return runTool(command, 'docker', ['version', '--format', '{{.Server.Version}}'], options).then(
    () => true,
    () => false,
  );
}

/** Downloads an image unless it is there: no part of the time a server may take to start. */
export async function fetchImage(command: ServerCommand, image: keyof typeof images): Promise<void> {
  const missing = 'Docker is gone.';
  const failed = `The image ${images[image]} could not be downloaded. Check the network and run the command again.`;
  const present = await runTool(command, 'docker', ['image', 'inspect', images[image]], { missing, failed }).then(
    () => true,
    () => false,
  );
  if (present) return;
  command.report(`Fetching ${images[image]} …`);
  await runTool(command, 'docker', ['pull', '--quiet', images[image]], { missing, failed });
}

/** A container in the foreground, published on the local interface only and removed when it ends. */
export function container(request: LaunchRequest, options: ContainerOptions): Launch {
  const name = `tessera-${options.image}-${request.port}`;
  const publish = `127.0.0.1:${request.port}:${options.containerPort}`;
  const environment = Object.entries(options.environment ?? {}).flatMap(([key, value]) => ['--env', `${key}=${value}`]);
  // A named volume, since the images run as users that may not write to a folder of ours.
  const volume = `tessera-${options.image}-${createHash('sha256').update(request.data).digest('hex').slice(0, 12)}`;
  const mount = request.keep ? ['--volume', `${volume}:${options.dataFolder}`] : [];
  return {
    program: 'docker',
    args: [
      ...['run', '--rm', '--name', name, '--label', 'dev.tessera.local-server=true', '--publish', publish],
      ...mount,
      ...environment,
      images[options.image],
      ...(options.args ?? []),
    ],
    container: name,
  };
}
