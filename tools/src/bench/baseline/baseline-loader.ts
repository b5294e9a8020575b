import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import { MongoClient, type Collection } from 'mongodb';
import type { JsonObject } from '@tessera/contracts';
import type { BaselineRecord, BaselineSettings } from './settings.js';

const BULK = 1_000;
const BULKS_IN_FLIGHT = 3;

/**
 * The least that can be done with a file of JSON lines: each line parsed, a thousand at a time in one unordered bulk
 * replace, journaled by a majority. No validation, no ages, no second look, nothing to take back.
 */
export async function runBaselineLoader(settings: BaselineSettings): Promise<void> {
  const mongo = await MongoClient.connect(settings.mongodbUri, { writeConcern: { w: 'majority', journal: true } });
  const rows = mongo.db(settings.database).collection<BaselineRecord>('rows');
  createServer((request, response) => {
    const file = new URL(request.url ?? '', 'http://baseline').searchParams.get('file');
    if (file === null) response.end();
    else
      load(file, rows).then(
        (count) => response.end(String(count)),
        (error: unknown) => response.writeHead(500).end(String(error)),
      );
  }).listen(settings.port, '127.0.0.1');
  process.once('SIGTERM', () => process.exit(0));
}

/** @returns how many rows were written. */
async function load(file: string, rows: Collection<BaselineRecord>): Promise<number> {
  const inFlight: Promise<unknown>[] = [];
  let batch: JsonObject[] = [];
  let count = 0;
  const write = async () => {
    count += batch.length;
    inFlight.push(rows.bulkWrite(newestOf(batch).map(toReplace), { ordered: false }));
    batch = [];
    if (inFlight.length >= BULKS_IN_FLIGHT) await inFlight.shift();
  };
  let rest = '';
  for await (const chunk of createReadStream(file, 'utf8')) {
    const lines = `${rest}${chunk as string}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      batch.push(JSON.parse(line) as JsonObject);
      if (batch.length === BULK) await write();
    }
  }
  if (batch.length > 0) await write();
  await Promise.all(inFlight);
  return count;
}

/** The last row of each person: operations of an unordered bulk write must not touch one document twice. */
function newestOf(batch: readonly JsonObject[]): [string, JsonObject][] {
  return [...new Map(batch.map((row) => [idOf(row), row]))];
}

function idOf(row: JsonObject): string {
  const identities = row['identityMap'] as unknown as { readonly Email: readonly { readonly id: string }[] };
  return identities.Email[0]?.id ?? '';
}

function toReplace([_id, entity]: [string, JsonObject]) {
  return { replaceOne: { filter: { _id }, replacement: { _id, entity }, upsert: true } };
}
