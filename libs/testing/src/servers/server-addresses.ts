/** Where the three servers of the platform answer. */
export interface ServerAddresses {
  /** `host:port`, several separated by commas. */
  readonly kafkaBrokers: string;
  readonly mongodbUri: string;
  readonly redisUrl: string;
}

/** The environment variables every service and test reads the addresses from. */
export const serverVariables = {
  kafkaBrokers: 'KAFKA_BROKERS',
  mongodbUri: 'MONGODB_URI',
  redisUrl: 'REDIS_URL',
} as const satisfies Record<keyof ServerAddresses, string>;

/** The addresses as environment variables. */
export function serverEnvironment(addresses: ServerAddresses): Record<string, string> {
  return {
    KAFKA_BROKERS: addresses.kafkaBrokers,
    MONGODB_URI: addresses.mongodbUri,
    REDIS_URL: addresses.redisUrl,
  };
}

/** The servers of a test run: those of the platform, and an S3-compatible store, which the platform can do without. */
export interface TestServers extends ServerAddresses {
  /** `http://KEY_ID:SECRET@host:port` */
  readonly s3Url?: string;
}

/** The addresses as environment variables, for tests. */
export function testEnvironment({ s3Url, ...addresses }: TestServers): Record<string, string> {
  return { ...serverEnvironment(addresses), ...(s3Url !== undefined && { S3_URL: s3Url }) };
}

/**
 * The real servers of this test run.
 *
 * @throws Error when the environment does not name all three.
 */
export function testServers(environment: Readonly<Record<string, string | undefined>> = process.env): ServerAddresses {
  const missing = Object.values(serverVariables).filter((name) => !environment[name]);
  const { KAFKA_BROKERS, MONGODB_URI, REDIS_URL } = environment;
  if (!KAFKA_BROKERS || !MONGODB_URI || !REDIS_URL) {
    throw new Error(
      `These tests need real servers: run "npm test -- <path>", which brings them up, or set ${missing.join(', ')}.`,
    );
  }
  return { kafkaBrokers: KAFKA_BROKERS, mongodbUri: MONGODB_URI, redisUrl: REDIS_URL };
}
