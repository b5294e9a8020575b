import { extname, resolve } from 'node:path';
import type { RecordOperation } from '@tessera/contracts';
import { fileFormats, type FileFormat } from '@tessera/record-files';
import { parsedOptions, wholeNumber } from '../command/arguments.js';
import { UsageError } from '../command/command.js';
import { compressedText } from './source-file.js';

/** What to load, and where to. */
export interface LoadOptions {
  readonly file: string;
  readonly format: FileFormat;
  readonly datasetId: string;
  /** The dataset's when not said. */
  readonly schemaId: string | undefined;
  readonly operation: RecordOperation | undefined;
  /** First row to send, from 0. */
  readonly from: number;
  /** Bodies sent and not yet answered. */
  readonly concurrency: number;
  /** Records in one body. */
  readonly batchSize: number;
  /** How long one body is tried again while the gateway does not answer or is not available. */
  readonly patienceSeconds: number;
  readonly gatewayUrl: string;
  readonly organisation: string;
  readonly sandbox: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** A bearer token to use instead of the client's secret. */
  readonly token: string | undefined;
  /** Inlet of a streaming connection; one is made when not said. */
  readonly inletId: string | undefined;
}

export const usage = `npm run load -- --file <file> --dataset <id> [options]

Sends every row of a file to the gateway as a record (or event) of a dataset.

  --file <file>           JSON lines, JSON array, CSV with a header, or Parquet
  --format <format>       ${fileFormats.join(', ')}; told from the file's name when not said
                          (.jsonl .ndjson .json: json, .csv: csv, .parquet: parquet)
  --dataset <id>          the dataset the records belong to
  --schema <id>           id of its schema (asked of the catalogue)
  --operation <what>      create, merge or delete (create: each record replaces the one before)
  --from <row>            first row to send, counted from 0 (0)
  --concurrency <n>       requests in flight (4). Rows about the same person that carry no date of their own count in the
                          order they arrive: 1 keeps the order of the file
  --batch-size <n>        records in one request (1000)
  --patience <seconds>    how long a request is repeated while the gateway does not answer (300)

Where to, each also as a variable of the environment:
  --url <address>         TESSERA_URL (http://127.0.0.1:8080)
  --organisation <id>     TESSERA_ORGANISATION (DEV@TesseraOrg)
  --sandbox <name>        TESSERA_SANDBOX (prod)
  --client-id <id>        TESSERA_CLIENT_ID (dev-client)
  --client-secret <text>  TESSERA_CLIENT_SECRET (dev-secret)
  --token <token>         TESSERA_TOKEN: a bearer token, instead of the client's secret
  --inlet <id>            TESSERA_INLET: inlet of a streaming connection (a new one is made)

CSV headers name fields by dotted paths: person.name.firstName, identityMap.Email[0].id, identityMap.Email[0].primary.
Cells are text, except whether an identity is primary: what a schema wants as numbers or booleans goes as JSON or Parquet.
Files that are compressed are to be unpacked first.

Ends with 0 when every row was accepted, with 1 when one was not or the loading failed, with 2 when it was called wrongly.`;

const flags = {
  file: { type: 'string' },
  format: { type: 'string' },
  dataset: { type: 'string' },
  schema: { type: 'string' },
  operation: { type: 'string' },
  from: { type: 'string' },
  concurrency: { type: 'string' },
  'batch-size': { type: 'string' },
  patience: { type: 'string' },
  url: { type: 'string' },
  organisation: { type: 'string' },
  sandbox: { type: 'string' },
  'client-id': { type: 'string' },
  'client-secret': { type: 'string' },
  token: { type: 'string' },
  inlet: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

const formatsByExtension: Readonly<Record<string, FileFormat>> = {
  '.jsonl': 'json',
  '.ndjson': 'json',
  '.json': 'json',
  '.csv': 'csv',
  '.parquet': 'parquet',
};

type Environment = Readonly<Record<string, string | undefined>>;

/** @returns undefined when help is asked for. @throws UsageError for what is missing, unknown or impossible. */
export function loadOptions(args: readonly string[], environment: Environment): LoadOptions | undefined {
  const values = parsedOptions(args, flags, usage);
  if (values.help) return undefined;
  const file = needed('file', values.file);
  if (values.format === undefined && extname(file).toLowerCase() === '.gz') throw new UsageError(compressedText(file));
  const said = (flag: string | undefined, name: string): string | undefined => flag ?? (environment[name] || undefined);
  return {
    // npm runs scripts in the checkout; a relative file means one where the user stands.
    file: resolve(environment['INIT_CWD'] ?? '.', file),
    format: formatOf(values.format, file),
    datasetId: needed('dataset', values.dataset),
    schemaId: values.schema,
    operation: operationOf(values.operation),
    from: wholeNumber('from', values.from, 0, 0),
    concurrency: wholeNumber('concurrency', values.concurrency, 4, 1),
    batchSize: wholeNumber('batch-size', values['batch-size'], 1_000, 1),
    patienceSeconds: wholeNumber('patience', values.patience, 300, 0),
    gatewayUrl: addressOf(said(values.url, 'TESSERA_URL') ?? 'http://127.0.0.1:8080'),
    organisation: said(values.organisation, 'TESSERA_ORGANISATION') ?? 'DEV@TesseraOrg',
    sandbox: said(values.sandbox, 'TESSERA_SANDBOX') ?? 'prod',
    clientId: said(values['client-id'], 'TESSERA_CLIENT_ID') ?? 'dev-client',
    clientSecret: said(values['client-secret'], 'TESSERA_CLIENT_SECRET') ?? 'dev-secret',
    token: said(values.token, 'TESSERA_TOKEN'),
    inletId: said(values.inlet, 'TESSERA_INLET'),
  };
}

function needed(flag: string, value: string | undefined): string {
  if (value) return value;
  throw new UsageError(`--${flag} is missing.\n\n${usage}`);
}

/** The format that is said, or that the name of the file tells. @throws UsageError when neither does. */
export function formatOf(said: string | undefined, file: string): FileFormat {
  const format = said ?? formatsByExtension[extname(file).toLowerCase()];
  const known = fileFormats.find((name) => name === format);
  if (known !== undefined) return known;
  throw new UsageError(
    said === undefined
      ? `The format of ${file} cannot be told from its name: say --format ${fileFormats.join('|')}.`
      : `--format takes ${fileFormats.join(', ')}, not "${said}".`,
  );
}

/** The address of a gateway. Its paths are the published API's, so there is no place for one of the user's. */
function addressOf(said: string): string {
  const url = URL.canParse(said) ? new URL(said) : undefined;
  const is = `--url (TESSERA_URL) is "${said}", but`;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new UsageError(`${is} must begin with http:// or https://.`);
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    throw new UsageError(`${is} must end after host and port: ${url.origin}.`);
  }
  return said;
}

function operationOf(said: string | undefined): RecordOperation | undefined {
  if (said === undefined || said === 'create' || said === 'merge' || said === 'delete') return said;
  throw new UsageError(`--operation takes create, merge or delete, not "${said}".`);
}
