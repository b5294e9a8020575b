import type { Collection, Document } from 'mongodb';
import { XID_SAMPLE_SHARE, xidRanges, xidSample, type XidRange } from '@tessera/domain';
import { available } from './bulk.js';

/** As many ranges as there are beginnings of two characters. */
const MOST_RANGES = 4_096;

/** A condition on a field that holds one XID. */
export function within({ after, before }: XidRange): Document {
  return { $gt: after, ...(before !== undefined && { $lt: before }) };
}

/**
 * Ranges in which a sandbox has about so many documents of a collection each, to go through all of them without any single
 * question that takes long. Nothing is read but a small part of an index.
 *
 * @param tenant the tenant's key.
 * @param field that an index has after `tenant`, and that holds XIDs.
 */
export async function sweepOf<T extends Document>(
  collection: Collection<T>,
  tenant: string,
  field: string,
  documents: number,
): Promise<XidRange[]> {
  const sample = { tenant, [field]: { $elemMatch: within(xidSample) } };
  const filter = field === 'xids' ? sample : { tenant, [field]: within(xidSample) };
  const counted = await available((collection as unknown as Collection).countDocuments(filter));
  return xidRanges(Math.min(MOST_RANGES, Math.max(1, Math.ceil(counted / XID_SAMPLE_SHARE / documents))));
}
