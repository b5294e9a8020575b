import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65_535);
const positive = z.coerce.number().int().positive();

/** Variables of every service. */
export const serviceShape = {
  NODE_ENV: z.enum(['development', 'test', 'production']).default('production'),
  /** Where the service answers HTTP; 0 takes a free port. */
  PORT: port.default(8080),
  HOST: z.string().default('0.0.0.0'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  /** Base address of an OpenTelemetry collector that takes OTLP over HTTP, such as `http://collector:4318`; without one nothing is traced. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url()
    .regex(/^https?:\/\//, 'expected an http:// address')
    .optional(),
  /** Share of requests that begin a trace where the client brought none. */
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
};

/** Variables of a service that speaks with Kafka. */
export const kafkaShape = {
  KAFKA_BROKERS: z
    .string()
    .transform((text) => text.split(',').map((broker) => broker.trim()))
    .pipe(z.array(z.string().regex(/^[^:\s]+:\d+$/, 'expected host:port, several separated by commas')).min(1)),
  /** Put before every topic and group name, so that deployments can share a cluster. */
  KAFKA_TOPIC_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9._-]*$/)
    .default(''),
  /** Partitions of a topic created at start; an existing topic keeps its own. */
  KAFKA_PARTITIONS: positive.default(12),
  KAFKA_REPLICATION: positive.default(1),
};

/** Variables of a service that speaks with MongoDB. */
export const mongoShape = {
  MONGODB_URI: z.string().regex(/^mongodb(\+srv)?:\/\//, 'expected a mongodb:// address'),
  MONGODB_DATABASE: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,38}$/)
    .default('tessera'),
};

/** Variables of a service that speaks with Redis. */
export const redisShape = {
  REDIS_URL: z.string().regex(/^rediss?:\/\//, 'expected a redis:// address'),
  /** Put before every key, so that deployments can share a Redis. */
  REDIS_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9._-]*$/)
    .default(''),
};

/** Variables of a service that knows which edges there are. */
export const edgesShape = {
  /**
   * Data centres with an edge, separated by commas. Each has copies of its own in the Redis of `REDIS_URL`, or in its own
   * one where it says so: `OR1,VA5=redis://va5.example:6379`.
   */
  EDGE_DATA_CENTERS: z
    .string()
    .default('OR1,VA5,NLD1')
    .transform((text) =>
      text.split(',').map((entry): { name: string; redisUrl?: string | undefined } => {
        const [name = '', ...url] = entry.trim().split('=');
        return url.length === 0 ? { name } : { name, redisUrl: url.join('=') };
      }),
    )
    .pipe(
      z
        .array(
          z.object({
            name: z.string().regex(/^[A-Za-z0-9_-]{1,32}$/, 'expected names such as OR1, separated by commas'),
            redisUrl: z
              .string()
              .regex(/^rediss?:\/\//, 'expected a redis:// address')
              .optional(),
          }),
        )
        .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'each data centre once'),
    ),
};

/** Variables of a service that shows profiles. */
export const profileShape = {
  /** The tenant's name: computed attributes stand under it, after an underscore. */
  TENANT_NAME: z
    .string()
    .regex(/^[A-Za-z0-9]{1,64}$/, 'expected letters and digits')
    .default('tessera'),
};

/** Variables of a service that reads or writes files: uploads, exports. */
export const storageShape = {
  /** A folder that every instance of every service shares, or a bucket of an S3-compatible store. */
  OBJECT_STORAGE_URL: z
    .string()
    .regex(
      /^(file:\/\/\/.+|s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/[A-Za-z0-9_@=~-][A-Za-z0-9_@=~.-]{0,99}){0,2}\/?)$/,
      'expected file:///a/shared/folder or s3://bucket/prefix',
    ),
  /** Where an S3-compatible store answers; Amazon's own of the region when absent. */
  OBJECT_STORAGE_ENDPOINT: z
    .string()
    .regex(/^https?:\/\/[^\s@]+$/, 'expected http://host:port or https://host, without credentials')
    .optional(),
  OBJECT_STORAGE_REGION: z.string().min(1).default('us-east-1'),
  /** Both or neither; without them as Amazon's tools find them, such as the role of a machine or a service account. */
  OBJECT_STORAGE_ACCESS_KEY_ID: z.string().optional(),
  OBJECT_STORAGE_SECRET_ACCESS_KEY: z.string().optional(),
  /** Whether the bucket stands in the path of addresses; so by default where an endpoint is given. */
  OBJECT_STORAGE_PATH_STYLE: z.stringbool().optional(),
};

interface StorageKeys {
  readonly OBJECT_STORAGE_ACCESS_KEY_ID?: string | undefined;
  readonly OBJECT_STORAGE_SECRET_ACCESS_KEY?: string | undefined;
}

/** Half of a pair of keys would be passed over in silence. */
export function refineStorage(value: StorageKeys, context: z.RefinementCtx): void {
  const [id, secret] = ['OBJECT_STORAGE_ACCESS_KEY_ID', 'OBJECT_STORAGE_SECRET_ACCESS_KEY'] as const;
  if ((value[id] === undefined) === (value[secret] === undefined)) return;
  const [missing, given] = value[id] === undefined ? [id, secret] : [secret, id];
  context.addIssue({ code: 'custom', path: [missing], message: `required together with ${given}` });
}

/** Variables of a service that verifies access tokens. */
export const tokenShape = {
  /** `development` signs its own tokens; `oidc` trusts a configured issuer. */
  ISSUER: z.enum(['development', 'oidc']).default('oidc'),
  OIDC_ISSUER_URL: z.url().optional(),
  /** Key set of the issuer; by default what its discovery document names. */
  OIDC_JWKS_URL: z.url().optional(),
  TOKEN_AUDIENCE: z.string().default('tessera'),
  /** Claim that lists the organisations a token grants. */
  TOKEN_ORGANISATIONS_CLAIM: z.string().default('organisations'),
  /** Claim that holds the client id. */
  TOKEN_CLIENT_CLAIM: z.string().default('client_id'),
};

/** Bounds of one record, the same for everybody who checks one. */
export const recordShape = {
  RECORD_MAX_IDENTITIES: positive.default(20),
  RECORD_MAX_DEPTH: positive.default(32),
  RECORD_MAX_KEYS: positive.default(5_000),
};

export const wholeNumber = positive;

interface IssuerSettings {
  readonly ISSUER: 'development' | 'oidc';
  readonly NODE_ENV: string;
  readonly OIDC_ISSUER_URL?: string | undefined;
}

/** Who signs the tokens must be somebody. */
export function refineIssuer(value: IssuerSettings, context: z.RefinementCtx): void {
  if (value.ISSUER === 'development' && value.NODE_ENV === 'production') {
    context.addIssue({
      code: 'custom',
      path: ['ISSUER'],
      message: 'the development issuer does not run with NODE_ENV=production; set ISSUER=oidc and OIDC_ISSUER_URL',
    });
  }
  if (value.ISSUER === 'oidc' && value.OIDC_ISSUER_URL === undefined) {
    context.addIssue({ code: 'custom', path: ['OIDC_ISSUER_URL'], message: 'required while ISSUER=oidc' });
  }
}
