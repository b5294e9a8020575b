import type { ExportOrder } from '@tessera/domain';
import { JobFailure } from '@tessera/jobs';
import type { ExportPart, ExportPlan, Job } from '@tessera/stores';

/** What a job says is to be exported; the gateway wrote it. @throws JobFailure */
export function orderOf({ properties }: Pick<Job, 'properties'>): ExportOrder {
  const order = properties['order'];
  if (typeof order !== 'object' || order === null) throw new JobFailure('The job does not say what to export.');
  return order as unknown as ExportOrder;
}

/** All parts of a plan: every range of people, for every output. */
export function partsOf({ outputs }: ExportOrder, { ranges, round }: ExportPlan): ExportPart[] {
  return outputs.flatMap((_, output) => Array.from({ length: ranges }, (__, range) => ({ round, output, range })));
}

/** What a part is called in the queue. */
export function partName({ round, output, range }: ExportPart): string {
  return `${round}-${output}-${range}`;
}

/** @throws JobFailure for what is no name of a part. */
export function partNamed(name: string): ExportPart {
  const [round = NaN, output = NaN, range = NaN] = name.split('-').map(Number);
  if (![round, output, range].every(Number.isInteger)) throw new JobFailure('The job has no such part.');
  return { round, output, range };
}

/** What a file is called by its place; in the order of the places. */
export function fileName({ format }: ExportOrder, { range }: ExportPart, index: number): string {
  return `part-${String(range).padStart(4, '0')}-${String(index).padStart(3, '0')}.${format}`;
}
