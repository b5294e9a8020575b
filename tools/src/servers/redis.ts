import { serverVariables } from '@tessera/testing';
import { Redis } from 'ioredis';
import { container } from './docker.js';
import { redisProgram } from './redis-program.js';
import type { Launch, LaunchRequest, ServerKind } from './server-kind.js';

export const redis: ServerKind = {
  name: 'Redis',
  id: 'redis',
  variable: serverVariables.redisUrl,
  portVariable: 'TESSERA_REDIS_PORT',
  addressOf: (port) => `redis://127.0.0.1:${port}`,
  native,
  docker,
  check,
};

async function native(request: LaunchRequest): Promise<Launch> {
  const { program, environment } = await redisProgram(request.command);
  const listening = ['--bind', '127.0.0.1', '--port', String(request.port)];
  return {
    program,
    args: [...listening, '--dir', request.data, ...settings(request)],
    ...(environment === undefined ? {} : { environment }),
  };
}

function docker(request: LaunchRequest): Launch {
  return container(request, {
    image: 'redis',
    containerPort: 6379,
    dataFolder: '/data',
    args: ['redis-server', ...settings(request)],
  });
}

/** Queues must never be evicted; what is not kept need not be written to disk. */
function settings(request: LaunchRequest): string[] {
  return ['--maxmemory-policy', 'noeviction', '--save', '', '--appendonly', request.keep ? 'yes' : 'no'];
}

async function check(address: string): Promise<void> {
  const client = new Redis(address, { lazyConnect: true, retryStrategy: () => null, connectTimeout: 2_000 });
  client.on('error', () => undefined); // Reported by the command below.
  try {
    await client.connect();
    await client.ping();
  } finally {
    client.disconnect();
  }
}
