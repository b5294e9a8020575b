import { tenantKey, type DeadLetterReason, type Fault, type JsonObject, type Tenant } from '@tessera/contracts';
import {
  builtInDocument,
  builtInRecordSchema,
  convertScalars,
  operationIn,
  readRecord,
  type RecordLimits,
  type RecordSchema,
  schemaReferenceFaults,
  statedXids,
} from '@tessera/domain';
import {
  feedsProfilesAt,
  type DatasetReader,
  type DeletionFences,
  type FenceTable,
  type SchemaCatalogue,
  type StoredDataset,
} from '@tessera/stores';
import type { Arrival, UnreadArrival } from './arrival.js';
import { fence, isDeletedUnread, UNFENCED } from './fencing.js';
import type { NamespaceCatalogue } from './namespaces.js';
import type { Readable } from './readable.js';

export interface RecordReaderParts {
  readonly datasets: DatasetReader;
  readonly namespaces: NamespaceCatalogue;
  readonly schemas: SchemaCatalogue;
  readonly fences: DeletionFences;
  readonly limits: RecordLimits;
  /** The tenant's field of profiles, under which computed attributes stand. */
  readonly computedRoot: string;
}

/** A record that cannot be applied, and why. */
export interface RefusedRecord<Arrived extends UnreadArrival> {
  readonly arrival: Arrived;
  readonly reason: DeadLetterReason;
  readonly faults: readonly Fault[];
}

/** Every arrival in exactly one of these. */
export interface SortedRecords<Arrived extends UnreadArrival> {
  readonly readable: Readable<Arrived>[];
  readonly refused: RefusedRecord<Arrived>[];
  /** Their datasets did not feed profiles when they were accepted. */
  readonly passedOver: Arrived[];
  /** What they say was deleted after they were accepted. */
  readonly deleted: Arrived[];
}

/** Reads records by the rules of their datasets. Writes nothing. */
export class RecordReader {
  constructor(private readonly parts: RecordReaderParts) {}

  /**
   * Sorts arrivals, of any tenants, into records to write and records to refuse.
   *
   * @param bodies whether what the readable ones say is wanted too.
   * @throws UnavailableError
   */
  async read<Arrived extends UnreadArrival>(
    arrivals: readonly Arrived[],
    bodies = true,
  ): Promise<SortedRecords<Arrived>> {
    const datasets = await this.parts.datasets.findMany([...new Set(arrivals.map(({ datasetId }) => datasetId))]);
    const sorted: SortedRecords<Arrived> = { readable: [], refused: [], passedOver: [], deleted: [] };
    for (const group of Map.groupBy(arrivals, ({ tenant }) => tenantKey(tenant)).values()) {
      const { readable, refused, passedOver, deleted } = await this.readOfTenant(group, datasets, bodies);
      sorted.readable.push(...readable);
      sorted.refused.push(...refused);
      sorted.passedOver.push(...passedOver);
      sorted.deleted.push(...deleted);
    }
    return sorted;
  }

  /** The sandbox's own schemas that its records must keep to, by id: one small read, and none where there are none. */
  private schemasOf(
    tenant: Tenant,
    arrivals: readonly Arrival[],
    datasets: ReadonlyMap<string, StoredDataset>,
  ): Promise<ReadonlyMap<string, RecordSchema>> {
    const ids = new Set<string>();
    for (const { datasetId } of arrivals) {
      const dataset = ownDataset(datasets.get(datasetId), tenant);
      if (dataset) ids.add(dataset.schemaRef.id);
    }
    return this.parts.schemas.findMany(tenant, ids);
  }

  private async readOfTenant<Arrived extends UnreadArrival>(
    arrivals: readonly Arrived[],
    datasets: ReadonlyMap<string, StoredDataset>,
    bodies: boolean,
  ): Promise<SortedRecords<Arrived>> {
    const { tenant } = arrivals[0] as Arrived;
    const sorted = await this.sortOfTenant(tenant, arrivals, datasets, bodies);
    const table = await this.fencesOf(tenant, arrivals, sorted);
    const { kept, deleted } = fence(sorted.readable, table);
    const unread = sorted.refused.filter(({ arrival }) => isDeletedUnread(arrival, table));
    return {
      ...sorted,
      readable: kept,
      refused: sorted.refused.filter((refusal) => !unread.includes(refusal)),
      deleted: [...deleted, ...unread].map(({ arrival }) => arrival),
    };
  }

  /** What was deleted of all that some records are of: one small read where nothing ever was. */
  private fencesOf<Arrived extends UnreadArrival>(
    tenant: Tenant,
    arrivals: readonly Arrived[],
    { readable, refused }: SortedRecords<Arrived>,
  ): Promise<FenceTable> {
    return this.parts.fences.read(tenant, {
      datasetIds: new Set(arrivals.map(({ datasetId }) => datasetId)),
      batchIds: new Set(arrivals.flatMap(({ batchId }) => batchId ?? [])),
      xids: xidsIn(tenant, readable, refused),
    });
  }

  private async sortOfTenant<Arrived extends UnreadArrival>(
    tenant: Tenant,
    arrivals: readonly Arrived[],
    datasets: ReadonlyMap<string, StoredDataset>,
    bodies: boolean,
  ): Promise<SortedRecords<Arrived>> {
    const schemas = await this.schemasOf(tenant, arrivals, datasets);
    return this.parts.namespaces.with(tenant, (namespaces) => {
      const sorted: SortedRecords<Arrived> = { readable: [], refused: [], passedOver: [], deleted: [] };
      for (const arrival of arrivals) {
        const { datasetId, acceptance } = arrival;
        const refuse = (reason: DeadLetterReason, faults: readonly Fault[]) =>
          sorted.refused.push({ arrival, reason, faults });
        const dataset = ownDataset(datasets.get(datasetId), tenant);
        if (!dataset) {
          refuse('unknown-dataset', [{ path: '/header/datasetId', message: 'is no dataset of this sandbox' }]);
          continue;
        }
        const misnamed = arrival.envelope ? schemaReferenceFaults(arrival.envelope, dataset.schemaRef.id) : [];
        if (misnamed.length > 0) {
          refuse('schema-mismatch', misnamed);
          continue;
        }
        const { rules } = dataset;
        if (!feedsProfilesAt(dataset, acceptance.acceptedAt)) {
          sorted.passedOver.push(arrival);
          continue;
        }
        const { id: schemaId } = dataset.schemaRef;
        const schema = schemas.get(schemaId);
        if (!schema && builtInDocument(schemaId) === undefined) {
          refuse('schema-mismatch', [{ path: '/header/schemaRef/id', message: `${schemaId} is no schema any more` }]);
          continue;
        }
        const { behavior } = rules;
        const operation = operationIn(rules, arrival.operation);
        const { limits, computedRoot } = this.parts;
        const { acceptedAt } = acceptance;
        const context = { tenant, behavior, operation, acceptedAt, namespaces, limits, computedRoot, schema };
        const record = readRecord(entityOf(arrival, schema ?? builtInRecordSchema(schemaId)), context);
        if (!record.ok) refuse(record.reason, record.faults);
        else {
          const keptFor = dataset.expiry?.milliseconds;
          const { identities, ignored, age, eventId, body } = record;
          sorted.readable.push({
            arrival,
            operation,
            record: bodies ? { identities, ignored, age, ...(eventId !== undefined && { eventId }) } : record,
            ...(bodies && operation !== 'delete' && { body: operation === 'merge' ? body : JSON.stringify(body) }),
            schemaId: schema?.classId ?? schemaId,
            links: rules.identity,
            fencing: UNFENCED,
            ...(keptFor !== undefined && { keptFor }),
          });
        }
      }
      return sorted;
    });
  }
}

/** Lazily: where nobody was deleted, nobody asks. */
function* xidsIn<Arrived extends UnreadArrival>(
  tenant: Tenant,
  readable: readonly Readable<Arrived>[],
  refused: readonly RefusedRecord<Arrived>[],
): Generator<string> {
  for (const { record } of readable) for (const { xid } of record.identities) yield xid;
  for (const { arrival } of refused) yield* statedXids(tenant, arrival.entity['identityMap']);
}

/** The record, its scalars as the schema has them where they come out of a file. */
function entityOf(arrival: UnreadArrival, schema: RecordSchema | undefined): JsonObject {
  return arrival.convertible && schema ? convertScalars(arrival.entity, schema) : arrival.entity;
}

function ownDataset(dataset: StoredDataset | undefined, tenant: Tenant): StoredDataset | undefined {
  return dataset && tenantKey(dataset.tenant) === tenantKey(tenant) ? dataset : undefined;
}
