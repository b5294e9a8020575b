import { MongoClient } from 'mongodb';
import type { JsonObject } from '@tessera/contracts';
import { builtInSchemas, recordMessage, type RecordMessage } from '../client/record-message.js';
import type { TesseraClient } from '../client/tessera-client.js';
import { waitUntilApplied, settledRecords } from '../load/settle.js';
import { streamBatches } from '../load/stream-batches.js';
import type { BaselineFragment, BaselineIdentity } from './baseline/settings.js';
import { attributes } from './record-template.js';

/** People that are looked up: each has five identities, and a fragment of each of five datasets under one of them. */
export const READERS = 1_000;
const PARTS = 5;

export function readerName(index: number): string {
  return `reader-${String(index).padStart(5, '0')}`;
}

/** Namespace of a reader's identity number `part`, below 5. */
export function readerNamespace(part: number): string {
  return `BENCH_${part}`;
}

/** What dataset number `part` says about a person: things of its own, and things the others say as well. */
function readerEntity(person: string, part: number): JsonObject {
  const { person: described = null, ...others } = attributes(person);
  const own = { [`source${part}`]: { score: part * 17, segment: `segment-${part}`, since: '2022-02-02' } };
  return part === 0 ? { person: described, ...own } : { ...others, ...own };
}

/** Streams the readers through the gateway and waits until they are applied and linked. */
export async function streamReaders(client: TesseraClient, inletId: string): Promise<void> {
  const messages: RecordMessage[] = [];
  for (let part = 0; part < PARTS; part++) {
    await client.createNamespace(readerNamespace(part), `Benchmark ${part}`, 'CROSS_DEVICE');
    const dataSet = await client.createDataSet(`Benchmark readers ${part}`, builtInSchemas.profile);
    for (let index = 0; index < READERS; index++) {
      const person = readerName(index);
      const identityMap = {
        [readerNamespace(part)]: [{ id: person, primary: true }],
        ...(part === 0 ? {} : { [readerNamespace(0)]: [{ id: person }] }),
      };
      messages.push(recordMessage(dataSet, client.organisation, { identityMap, ...readerEntity(person, part) }));
    }
  }
  const before = settledRecords(await client.counters());
  const { accepted } = await streamBatches(client, inletId, messages, { batchSize: 100, inFlight: 4 });
  await waitUntilApplied(client, before + accepted);
}

/** Writes the same people straight into the baseline's collections. */
export async function insertReaders(mongodbUri: string, database: string): Promise<void> {
  const mongo = await MongoClient.connect(mongodbUri);
  try {
    const fragments = mongo.db(database).collection<BaselineFragment>('fragments');
    await fragments.createIndex({ identity: 1 });
    const people = Array.from({ length: READERS }, (_, index) => readerName(index));
    const identityOf = (person: string, part: number) => `${readerNamespace(part)}/${person}`;
    const parts = Array.from({ length: PARTS }, (_, part) => part);
    await mongo
      .db(database)
      .collection<BaselineIdentity>('identities')
      .insertMany(
        people.flatMap((person) =>
          parts.map((part) => ({
            _id: identityOf(person, part),
            members: parts.map((other) => identityOf(person, other)),
          })),
        ),
      );
    await fragments.insertMany(
      people.flatMap((person) =>
        parts.map((part) => ({
          _id: `${part}/${person}`,
          identity: identityOf(person, part),
          entity: readerEntity(person, part),
        })),
      ),
    );
  } finally {
    await mongo.close();
  }
}
