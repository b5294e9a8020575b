import type { UpdateFilter } from 'mongodb';
import type { FoldedLink } from '@tessera/domain';
import { BY_ID } from '../bulk.js';
import type { UpdateWrite } from '../database.js';
import type { LinkDocument } from './graph-documents.js';

/**
 * Widens a link's evidence. Repeating it, or doing it in another order with others, changes nothing: `first` only ever
 * falls and `last` only ever rises.
 */
export function widenEvidence({ evidence }: FoldedLink): UpdateFilter<LinkDocument> {
  const [$min, $max] = [{}, {}] as [Record<string, number>, Record<string, number>];
  const $set: Record<string, string | number> = {};
  for (const [key, { datasetId, batchId, since, first, last }] of evidence) {
    $min[`evidence.${key}.first`] = first;
    $max[`evidence.${key}.last`] = last;
    $set[`evidence.${key}.datasetId`] = datasetId;
    if (batchId !== undefined) $set[`evidence.${key}.batchId`] = batchId;
    if (since !== undefined) $set[`evidence.${key}.since`] = since;
  }
  return { $min, $max, $set };
}

/**
 * Widens the evidence of links that are stored, as writes of one command. Links that learn the very same, as those of a
 * batch mostly do, share a write: the server takes four times as long for as many of their own.
 */
export function widenings(tenant: string, links: readonly FoldedLink[]): UpdateWrite[] {
  const alike = Map.groupBy(links, ({ evidence }) => JSON.stringify([...evidence]));
  return [...alike.values()].map((some) => {
    const q = { tenant, _id: { $in: some.map(({ id }) => id) } };
    return { q, u: widenEvidence(some[0] as FoldedLink), multi: true, hint: BY_ID };
  });
}

/** Removes evidence by its keys. */
export function narrowEvidence(keys: readonly string[]): UpdateFilter<LinkDocument> {
  return { $unset: Object.fromEntries(keys.map((key) => [`evidence.${key}`, true as const])) };
}
