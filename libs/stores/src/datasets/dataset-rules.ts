import type { DatasetRules, StoredDataset } from './dataset.js';

/**
 * What a dataset's tags say (spec 03-ingestion, "Catalogue"). A tag's value is `<flag>:<value>`, with or without blanks
 * around the colon, in any case; of a flag given twice the last counts.
 */
export function rulesOf(tags: StoredDataset['tags'], behavior: DatasetRules['behavior']): DatasetRules {
  return {
    behavior,
    profile: isSet(tags, 'unifiedProfile', 'enabled'),
    identity: isSet(tags, 'unifiedIdentity', 'enabled'),
    upsert: behavior === 'record' && isSet(tags, 'unifiedProfile', 'isUpsert'),
  };
}

function isSet(tags: StoredDataset['tags'], tag: string, flag: string): boolean {
  const values = Object.hasOwn(tags, tag) ? (tags[tag] ?? []) : [];
  const pairs = values.map((value) => value.split(':').map((part) => part.trim().toLowerCase()));
  return pairs.findLast(([name]) => name === flag.toLowerCase())?.[1] === 'true';
}
