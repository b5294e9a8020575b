import { z } from 'zod';
import {
  edgesShape,
  kafkaShape,
  mongoShape,
  profileShape,
  recordShape,
  redisShape,
  refineIssuer,
  refineStorage,
  serviceShape,
  storageShape,
  tokenShape,
  wholeNumber,
} from './shared.js';

/** One client of the built-in development issuer. */
const developmentClient = z.object({
  clientId: z.string().min(1),
  clientSecret: z.string().min(1),
  organisations: z.array(z.string().regex(/^[^/\s]{1,128}$/)).min(1),
  scopes: z.array(z.string()).optional(),
});
export type DevelopmentClient = z.infer<typeof developmentClient>;

/** A variable that holds JSON. @param expected what it should hold, for the message. */
function json<Schema extends z.ZodType>(expected: string, schema: Schema) {
  return z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue({ code: 'custom', message: `expected ${expected}` });
        return z.NEVER;
      }
    })
    .pipe(schema);
}

/** Addresses by the data centre they are of; under the empty name that of all others. */
const edgeAddresses = z
  .string()
  .transform((text) =>
    text.split(',').map((entry) => {
      const [, dataCenter = '', url = ''] = /^(?:([A-Za-z0-9_-]{1,32})=)?(.*)$/s.exec(entry.trim()) ?? [];
      return { dataCenter, url };
    }),
  )
  .pipe(
    z
      .array(z.object({ dataCenter: z.string(), url: z.url({ protocol: /^https?$/ }) }))
      .refine((all) => new Set(all.map(({ dataCenter }) => dataCenter)).size === all.length, 'each data centre once'),
  )
  .transform((all): ReadonlyMap<string, string> => new Map(all.map(({ dataCenter, url }) => [dataCenter, url])));

const developmentClients = json('a JSON array of clients', z.array(developmentClient).min(1));
const quotaByOrganisation = json(
  'a JSON object of organisations with their records a second',
  z.record(z.string(), z.number().int().positive().nullable()),
);

export const gatewaySchema = z
  .object({
    ...serviceShape,
    ...kafkaShape,
    ...mongoShape,
    ...redisShape,
    ...storageShape,
    ...recordShape,
    ...edgesShape,
    /**
     * Where the edges answer to which `/edge` is passed on, separated by commas: each of one data centre, or of all the
     * others where it names none: `http://edge:8080,VA5=https://edge.va5.example`. Absent: there is none, and it answers 503.
     */
    EDGE_URL: edgeAddresses.optional(),
    ...profileShape,
    /** Address under which clients reach the gateway; derived from each request when absent. */
    PUBLIC_URL: z.url().optional(),
    /** Name of this instance inside transaction ids; random when absent. */
    INSTANCE_ID: z
      .string()
      .regex(/^[a-z0-9]{1,12}$/)
      .optional(),
    ...tokenShape,
    DEVELOPMENT_CLIENTS: developmentClients.default([
      { clientId: 'dev-client', clientSecret: 'dev-secret', organisations: ['DEV@TesseraOrg'] },
    ]),
    TOKEN_LIFETIME_SECONDS: wholeNumber.default(86_400),
    /** Records accepted from clients and not yet acknowledged by Kafka; past it 429. */
    INGEST_MAX_IN_FLIGHT: wholeNumber.default(20_000),
    /** Records accepted and not yet applied by the ingestion workers; past it 429. */
    INGEST_MAX_BACKLOG: wholeNumber.default(1_000_000),
    /** Records an organisation may stream a second, over all instances; absent: as many as it likes. */
    QUOTA_RECORDS_PER_SECOND: wholeNumber.optional(),
    /** Other quotas for some organisations: `{"A@Org": 500, "B@Org": null}`; null: as many as it likes. */
    QUOTA_RECORDS_PER_SECOND_BY_ORGANISATION: quotaByOrganisation.default({}),
    STREAMING_MAX_RECORD_BYTES: wholeNumber.default(1_048_576),
    STREAMING_MAX_BATCH_BYTES: wholeNumber.default(10_485_760),
    STREAMING_MAX_BATCH_RECORDS: wholeNumber.default(1_000),
    /** Bytes of a file of a batch, or of one of its parts, at most. */
    BATCH_FILE_PART_MAX_BYTES: wholeNumber.default(536_870_912),
    /** Related identities a lookup follows; more: 422. */
    LOOKUP_MAX_IDENTITIES: wholeNumber.default(50),
    /** Identities one lookup of many may ask for; more: 400. */
    LOOKUP_MAX_REQUESTED_IDENTITIES: wholeNumber.default(1_000),
    /** Milliseconds after which a store or broker that does not answer counts as down. */
    DEPENDENCY_TIMEOUT_MS: wholeNumber.default(2_000),
  })
  .superRefine((value, context) => {
    refineIssuer(value, context);
    refineStorage(value, context);
    if (value.INGEST_MAX_IN_FLIGHT < value.STREAMING_MAX_BATCH_RECORDS) {
      context.addIssue({
        code: 'custom',
        path: ['INGEST_MAX_IN_FLIGHT'],
        message: 'must be at least STREAMING_MAX_BATCH_RECORDS, otherwise a full batch is never taken',
      });
    }
  });
export type GatewayConfiguration = z.infer<typeof gatewaySchema>;
