import { Inject, Injectable } from '@nestjs/common';
import type { Fault, JsonObject, JsonValue, RecordEnvelope, Tenant } from '@tessera/contracts';
import {
  computedRoot,
  jsonText,
  namedDataset,
  namedEntity,
  namedOperation,
  operationIn,
  readRecord,
  type RecordLimits,
} from '@tessera/domain';
import { problem, type Inlet } from '@tessera/http';
import type { OutgoingMessage } from '@tessera/messaging';
import { SchemaCatalogue, type StoredDataset } from '@tessera/stores';
import { TENANT_NAME } from '../computed-attributes/tenant-name.token.js';
import { AcceptanceClock, type AcceptedRequest } from './acceptance-clock.js';
import { CollectionMetrics } from './collection-metrics.js';
import { DatasetDirectory } from './dataset-directory.js';
import { checkEnvelope } from './envelope-check.js';
import { Intake } from './intake.js';
import { NamespaceDirectory } from './namespace-directory.js';
import { recordMessage } from './record-message.js';

export const COLLECTION_LIMITS = Symbol('collection limits');

export interface CollectionLimits {
  /** Bytes of one record with its envelope. */
  readonly maxRecordBytes: number;
  readonly maxBatchRecords: number;
  /** Of records that are checked before they are taken. */
  readonly record: RecordLimits;
}

/** Of a record that cannot even be passed on, so that the ingestion worker could say what is wrong with it. */
const tooDeep: Fault = { path: '/body', message: 'nests deeper than can be kept' };

/** What became of one message of a batch: taken, or the faults for which it was not. */
export type MessageAnswer =
  | { readonly xactionId: string }
  | { readonly statusCode: 400 | 413; readonly message: string; readonly errors: readonly Fault[] };

/** Takes records from clients: checks their envelopes, stamps them and publishes them. Writes nothing else. */
@Injectable()
export class CollectionService {
  constructor(
    @Inject(AcceptanceClock) private readonly clock: AcceptanceClock,
    @Inject(DatasetDirectory) private readonly datasets: DatasetDirectory,
    @Inject(NamespaceDirectory) private readonly namespaces: NamespaceDirectory,
    @Inject(SchemaCatalogue) private readonly schemas: SchemaCatalogue,
    @Inject(Intake) private readonly intake: Intake,
    @Inject(CollectionMetrics) private readonly metrics: CollectionMetrics,
    @Inject(COLLECTION_LIMITS) private readonly limits: CollectionLimits,
    @Inject(TENANT_NAME) private readonly tenantName: string,
  ) {}

  /**
   * Takes one record.
   *
   * @param written the same, for passing it on (`verbatim`).
   * @param synchronous whether the record itself is checked before it is taken.
   * @throws ProblemError `invalid-body` for a fault of the envelope, or of the record when `synchronous`.
   */
  async takeOne(
    inlet: Inlet,
    message: JsonValue,
    written: JsonValue,
    requestId: string,
    synchronous: boolean,
  ): Promise<AcceptedRequest> {
    const datasets = await this.datasetsOf(inlet.tenant, [message]);
    const checked = checkEnvelope(message, inlet.tenant, datasets);
    const accepted = this.clock.next();
    const ofRecord = synchronous ? await this.recordFaults(inlet.tenant, message, checked.dataset, accepted) : [];
    if (!checked.ok) throw invalid('The envelope is not valid; nothing was taken.', [...checked.faults, ...ofRecord]);
    if (ofRecord.length > 0) throw invalid('The record is not valid; nothing was taken.', ofRecord);
    const text = jsonText(written);
    if (text === undefined) throw invalid('The record nests too deep; nothing was taken.', [tooDeep]);
    if (Buffer.byteLength(text) > this.limits.maxRecordBytes) {
      throw problem('body-too-large', { detail: `A record may have ${this.limits.maxRecordBytes} bytes.` });
    }
    await this.publish([
      recordMessage(text, entityOf(checked.envelope), {
        tenant: inlet.tenant,
        transactionId: accepted.id,
        acceptance: accepted.acceptance(0),
        requestId,
      }),
    ]);
    this.metrics.accepted(inlet.tenant, [checked.dataset.id]);
    return accepted;
  }

  /**
   * Takes those of the messages whose envelopes are in order, whatever their neighbours.
   *
   * @param written the same messages, for passing them on (`verbatim`).
   */
  async takeMany(
    inlet: Inlet,
    messages: readonly JsonValue[],
    written: readonly JsonValue[],
    requestId: string,
  ): Promise<{ readonly accepted: AcceptedRequest; readonly answers: readonly MessageAnswer[] }> {
    if (messages.length > this.limits.maxBatchRecords) {
      throw problem('body-too-large', {
        detail: `A body may carry ${this.limits.maxBatchRecords} messages, this one has ${messages.length}. Nothing was taken.`,
      });
    }
    const datasets = await this.datasetsOf(inlet.tenant, messages);
    const accepted = this.clock.next();
    const outgoing: OutgoingMessage[] = [];
    const acceptedInto: string[] = [];
    const answers = messages.map((message, index): MessageAnswer => {
      const checked = checkEnvelope(message, inlet.tenant, datasets);
      if (!checked.ok) return { statusCode: 400, message: summary(checked.faults), errors: checked.faults };
      const text = jsonText(written[index] ?? message);
      if (text === undefined) return { statusCode: 400, message: summary([tooDeep]), errors: [tooDeep] };
      if (Buffer.byteLength(text) > this.limits.maxRecordBytes) {
        const tooLarge = `a record may have ${this.limits.maxRecordBytes} bytes`;
        return { statusCode: 413, message: tooLarge, errors: [{ path: '', message: tooLarge }] };
      }
      const xactionId = `${accepted.id}:${index}`;
      const stamp = {
        tenant: inlet.tenant,
        transactionId: xactionId,
        acceptance: accepted.acceptance(index),
        requestId,
      };
      outgoing.push(recordMessage(text, entityOf(checked.envelope), stamp));
      acceptedInto.push(checked.dataset.id);
      return { xactionId };
    });
    await this.publish(outgoing);
    this.metrics.accepted(inlet.tenant, acceptedInto);
    return { accepted, answers };
  }

  private async publish(messages: readonly OutgoingMessage[]): Promise<void> {
    if (messages.length > 0) await this.intake.publish(messages);
  }

  private datasetsOf(tenant: Tenant, messages: readonly JsonValue[]): Promise<Map<string, StoredDataset>> {
    const named = messages.map(namedDataset).filter((id) => id !== undefined);
    return this.datasets.find(tenant, new Set(named));
  }

  /** What is wrong with a record, as far as it can be told: by the rules of its dataset, where that is known. */
  private async recordFaults(
    tenant: Tenant,
    message: JsonValue,
    dataset: StoredDataset | undefined,
    { acceptedAt }: AcceptedRequest,
  ): Promise<readonly Fault[]> {
    const entity = namedEntity(message);
    if (entity === undefined || dataset === undefined) return [];
    const record = readRecord(entity, {
      tenant,
      behavior: dataset.rules.behavior,
      operation: operationIn(dataset.rules, namedOperation(message) ?? 'create'),
      acceptedAt,
      namespaces: await this.namespaces.lookup(tenant),
      limits: this.limits.record,
      computedRoot: computedRoot(this.tenantName),
      schema: await this.schemas.find(tenant, dataset.schemaRef.id),
    });
    return record.ok ? [] : record.faults;
  }
}

function entityOf({ body }: RecordEnvelope): JsonObject {
  return body.xdmEntity;
}

function summary(faults: readonly Fault[]): string {
  return faults.map(({ path, message }) => `${path} ${message}`.trim()).join('; ');
}

function invalid(detail: string, errors: readonly Fault[]) {
  return problem('invalid-body', { detail, errors });
}
