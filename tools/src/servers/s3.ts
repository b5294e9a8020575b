import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { S3 } from '@aws-sdk/client-s3';
import { freePort, testS3 } from '@tessera/testing';
import { container } from './docker.js';
import { seaweedfsProgram } from './seaweedfs-program.js';
import type { Launch, LaunchRequest, ServerKind } from './server-kind.js';

/** The only key of a server of ours, which answers on the local interface alone. */
const KEY_ID = 'tessera';
const SECRET = 'tessera-local';
const environment = { AWS_ACCESS_KEY_ID: KEY_ID, AWS_SECRET_ACCESS_KEY: SECRET };
const CONTAINER_PORT = 8333;

/** The S3-compatible store that tests use; the platform itself keeps files in a folder unless told otherwise. */
export const s3: ServerKind = {
  name: 'SeaweedFS',
  id: 's3',
  variable: 'S3_URL',
  portVariable: 'TESSERA_S3_PORT',
  addressOf: (port) => `http://${KEY_ID}:${SECRET}@127.0.0.1:${port}`,
  native,
  docker,
  initialise,
  check,
};

/** Every part of the server in one process. It reports no statistics to anybody. */
const settings = [
  ...['-master.telemetry=false', '-admin.ui=false', '-webdav=false'],
  ...['-s3.port.iceberg=0', '-s3.port.lance=0', '-s3.iam=false', '-s3.autoCreateBucket=false'],
];

/** Its parts speak with each other by ports, which by default are the same for everybody. */
async function native({ command, port, data }: LaunchRequest): Promise<Launch> {
  const parts = ['master', 'volume', 'filer', 'admin'].flatMap((part) => [`${part}.port`, `${part}.port.grpc`]);
  const ports: string[] = [`-s3.port=${port}`];
  for (const part of [...parts, 's3.port.grpc']) ports.push(`-${part}=${await freePort()}`);
  const sockets = ['filer', 's3'].map((part) => `-${part}.localSocket=${join(data, `${part}.sock`)}`);
  const listening = ['-ip=127.0.0.1', '-ip.bind=127.0.0.1'];
  return {
    program: await seaweedfsProgram(command),
    args: ['-logtostderr=true', 'mini', `-dir=${data}`, ...listening, ...ports, ...sockets, ...settings],
    environment,
  };
}

function docker(request: LaunchRequest): Launch {
  return container(request, {
    image: 's3',
    containerPort: CONTAINER_PORT,
    dataFolder: '/data',
    environment,
    args: ['mini', '-dir=/data', '-ip.bind=0.0.0.0', `-s3.port=${CONTAINER_PORT}`, ...settings],
  });
}

/** Its parts find each other one after the other: writing works last. */
async function initialise(port: number): Promise<void> {
  await withClient(s3.addressOf(port), async (client) => {
    const Bucket = `starting-${randomBytes(6).toString('hex')}`;
    await client.createBucket({ Bucket });
    await client.putObject({ Bucket, Key: 'probe', Body: 'probe' });
    await client.deleteObject({ Bucket, Key: 'probe' });
    await client.deleteBucket({ Bucket });
  });
}

async function check(address: string): Promise<void> {
  await withClient(address, (client) => client.listBuckets({}));
}

async function withClient<Result>(address: string, work: (client: S3) => Promise<Result>): Promise<Result> {
  const { OBJECT_STORAGE_ENDPOINT: endpoint, ...keys } = testS3({ S3_URL: address });
  const client = new S3({
    region: 'us-east-1',
    endpoint,
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: {
      accessKeyId: keys.OBJECT_STORAGE_ACCESS_KEY_ID,
      secretAccessKey: keys.OBJECT_STORAGE_SECRET_ACCESS_KEY,
    },
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
  });
  try {
    return await work(client);
  } finally {
    client.destroy();
  }
}
