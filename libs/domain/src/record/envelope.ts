import type { Fault, JsonObject, JsonValue, RecordEnvelope, RecordOperation } from '@tessera/contracts';

const OPERATIONS: readonly RecordOperation[] = ['create', 'merge', 'delete'];

const MOST_ID_LENGTH = 256;

/**
 * Checks the published streaming envelope (spec 03-ingestion, "Streaming"): everything around the record, nothing in it.
 * Hand-written rather than compiled from a schema because both doors run it on every record and its faults are fixed.
 *
 * @returns the faults; none means the value is a {@link RecordEnvelope}.
 */
export function envelopeFaults(value: JsonValue): Fault[] {
  if (!isObject(value)) return [{ path: '', message: 'must be an object with header and body' }];
  return [...headerFaults(value['header']), ...bodyFaults(value['body'])];
}

/** Narrows a value that {@link envelopeFaults} found nothing wrong with. */
export function asEnvelope(value: JsonValue): RecordEnvelope {
  return value as unknown as RecordEnvelope;
}

/** The dataset that a message names, whatever else is wrong with it; undefined for what cannot be an id. */
export function namedDataset(message: unknown): string | undefined {
  const named = textAt(message, 'header', 'datasetId');
  return named !== undefined && isId(named) ? named : undefined;
}

/** The record in a message, whatever else is wrong with it. */
export function namedEntity(message: unknown): JsonObject | undefined {
  const entity = valueAt(message, 'body', 'xdmEntity');
  return isObject(entity) ? entity : undefined;
}

/** What a message says that its record does, where it says so in a way that can be understood. */
export function namedOperation(message: unknown): RecordOperation | undefined {
  const named = textAt(message, 'header', 'operations', 'data');
  return OPERATIONS.find((operation) => operation === named);
}

/** What a message says wrongly about whose record it is: the organisation is known by the inlet, or the message's headers. */
export function organisationFaults(message: unknown, organisation: string): Fault[] {
  const named = textAt(message, 'header', 'imsOrgId');
  if (named === undefined || named === organisation) return [];
  return [{ path: '/header/imsOrgId', message: 'is not the organisation that this record was sent for' }];
}

/** What a message says wrongly about the schema of its record: it is the dataset's. That it says nothing is {@link envelopeFaults}. */
export function schemaReferenceFaults(message: unknown, schemaId: string): Fault[] {
  return [
    ['header', 'schemaRef', 'id'],
    ['body', 'xdmMeta', 'schemaRef', 'id'],
  ].flatMap((steps) => {
    const named = textAt(message, ...steps);
    if (named === undefined || named === schemaId) return [];
    return [{ path: `/${steps.join('/')}`, message: `is not the schema of the dataset: ${schemaId}` }];
  });
}

function headerFaults(header: JsonValue | undefined): Fault[] {
  if (!isObject(header)) return [{ path: '/header', message: 'must be an object' }];
  const faults: Fault[] = [];
  if (typeof header['datasetId'] !== 'string' || !isId(header['datasetId'])) {
    faults.push({ path: '/header/datasetId', message: 'must be the id of a dataset' });
  }
  faults.push(...schemaFaults(header['schemaRef'], '/header/schemaRef'));
  if (header['imsOrgId'] !== undefined && typeof header['imsOrgId'] !== 'string') {
    faults.push({ path: '/header/imsOrgId', message: 'must be a string' });
  }
  const operations = header['operations'];
  if (operations !== undefined && !isObject(operations)) {
    faults.push({ path: '/header/operations', message: 'must be an object' });
  } else {
    const operation = operations?.['data'];
    if (operation !== undefined && !OPERATIONS.some((known) => known === operation)) {
      faults.push({ path: '/header/operations/data', message: `must be one of ${OPERATIONS.join(', ')}` });
    }
  }
  return faults;
}

function bodyFaults(body: JsonValue | undefined): Fault[] {
  if (!isObject(body)) return [{ path: '/body', message: 'must be an object with xdmMeta and xdmEntity' }];
  const faults: Fault[] = [];
  if (!isObject(body['xdmMeta'])) faults.push({ path: '/body/xdmMeta', message: 'must be an object' });
  if (!isObject(body['xdmEntity'])) faults.push({ path: '/body/xdmEntity', message: 'must be an object' });
  return faults;
}

function schemaFaults(schemaRef: JsonValue | undefined, path: string): Fault[] {
  if (!isObject(schemaRef) || typeof schemaRef['id'] !== 'string') {
    return [{ path, message: 'must be an object with the id of a schema' }];
  }
  return [];
}

/** Counters and dead letters are kept by what messages call a dataset, so it is bounded, and as stores keep text. */
function isId(text: string): boolean {
  return text !== '' && text.length <= MOST_ID_LENGTH && text.isWellFormed();
}

function textAt(message: unknown, ...steps: readonly string[]): string | undefined {
  const value = valueAt(message, ...steps);
  return typeof value === 'string' ? value : undefined;
}

function valueAt(message: unknown, ...steps: readonly string[]): JsonValue | undefined {
  let value = message as JsonValue | undefined;
  for (const step of steps) value = isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  return value;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
