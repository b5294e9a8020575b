import { JobFailure, type JobContext, type JobHandler, type JobTurn } from '@tessera/jobs';
import { lookbackInterval } from '@tessera/pql';
import {
  PUBLICATION_NOTICED_WITHIN,
  type AttributePrograms,
  type ComputedAttribute,
  type ComputedAttributeStore,
  type CountedPlaces,
  type Job,
} from '@tessera/stores';
import type { FiguresUpdater } from './figures-updater.js';

export interface EvaluateAttributeParts {
  readonly attributes: ComputedAttributeStore;
  readonly programs: AttributePrograms;
  readonly places: CountedPlaces;
  readonly updater: FiguresUpdater;
  /** Events looked at in one step. */
  readonly stepSize?: number;
}

/** Also for what reads an answer just before it is forgotten. */
const NOTICED_BY_ALL = 2 * PUBLICATION_NOTICED_WITHIN;

/**
 * Evaluates a published attribute over the events that are stored: the days they are on are counted anew, now for this
 * attribute as well. It begins when every worker has noticed that events are counted, so each event is counted by it, by
 * the worker that stores the event, or by both.
 */
export class EvaluateAttributeHandler implements JobHandler {
  readonly type = 'EVALUATE_COMPUTED_ATTRIBUTE';

  constructor(private readonly parts: EvaluateAttributeParts) {}

  async run({ tenant, properties }: Job, context: JobContext): Promise<JobTurn> {
    const { attributes, programs } = this.parts;
    const attribute = await attributes.find(tenant, attributeIdOf(properties));
    if (attribute?.status === 'NEW') {
      const change = { status: 'PROCESSING' as const, updatedAt: Date.now() };
      await attributes.change(tenant, attribute.id, ['NEW'], change);
      return { again: NOTICED_BY_ALL };
    }
    if (attribute?.status !== 'PROCESSING') return { done: true };
    const wait = attribute.updatedAt + NOTICED_BY_ALL - Date.now();
    if (wait > 0) return { again: wait };
    const recordsProcessed = programs.of(attribute).incremental ? await this.countAll(attribute, context) : 0;
    const now = Date.now();
    const done = { status: 'PROCESSED' as const, evaluatedAt: now, updatedAt: now };
    await attributes.change(tenant, attribute.id, ['PROCESSING'], done);
    return { done: true, metrics: { recordsProcessed } };
  }

  async failed({ tenant, properties }: Job): Promise<void> {
    const failed = { status: 'FAILED' as const, updatedAt: Date.now() };
    await this.parts.attributes.change(tenant, attributeIdOf(properties), ['NEW', 'PROCESSING'], failed);
  }

  /** @returns events looked at. */
  private async countAll({ tenant, id, duration }: ComputedAttribute, context: JobContext): Promise<number> {
    const { attributes, places, updater, stepSize = 2_000 } = this.parts;
    const datasetIds = await places.datasetIds(tenant);
    const counts = await Promise.all(datasetIds.map((datasetId) => places.count(datasetId)));
    const total = counts.reduce((sum, count) => sum + count, 0);
    const { from } = lookbackInterval(duration, Date.now());
    let recordsProcessed = 0;
    for (const datasetId of datasetIds) {
      for (let after: string | undefined; ;) {
        const page = await places.page(tenant, datasetId, { from, after, limit: stepSize });
        await updater.update(tenant, page.keys, Date.now());
        recordsProcessed += page.events;
        const progress = Math.min(99, (100 * recordsProcessed) / Math.max(1, total));
        await context.progress({ progress, metrics: { recordsProcessed } });
        if (page.next === undefined) break;
        after = page.next;
        // Switched off meanwhile.
        if ((await attributes.find(tenant, id))?.status !== 'PROCESSING') return recordsProcessed;
      }
    }
    return recordsProcessed;
  }
}

function attributeIdOf({ attributeId }: Job['properties']): string {
  if (typeof attributeId !== 'string') throw new JobFailure('The job names no attribute.');
  return attributeId;
}
