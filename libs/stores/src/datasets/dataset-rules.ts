import type { Fault } from '@tessera/contracts';
import type { DatasetRules, StoredDataset } from './dataset.js';

type Tags = StoredDataset['tags'];

/** The tags that mean something, and the flags each may have. Beside them `enabledAt` is taken, which only informs. */
const flagsOfTags = {
  unifiedProfile: ['enabled', 'isUpsert'],
  unifiedIdentity: ['enabled'],
} as const;

/**
 * What a dataset's tags say (spec 03-ingestion, "Catalogue"). A tag's value is `<flag>:<value>`, with or without blanks
 * around the colon, in any case; of a flag given twice the last counts.
 */
export function rulesOf(tags: Tags, behavior: DatasetRules['behavior']): DatasetRules {
  return {
    behavior,
    profile: isSet(tags, 'unifiedProfile', 'enabled'),
    identity: isSet(tags, 'unifiedIdentity', 'enabled'),
    upsert: behavior === 'record' && isSet(tags, 'unifiedProfile', 'isUpsert'),
  };
}

/**
 * The values of tags that would say something and cannot be understood, each with its JSON Pointer below the dataset.
 * Tags that mean nothing here may have any values.
 *
 * @param tags may be anything: what is no text, or no list of texts, is for others to refuse.
 * @param before tags as they were; those that stay as they are are not judged, so that no change fails for an older one.
 */
export function faultsOfTags(tags: unknown, before: Tags = {}): Fault[] {
  return Object.entries(flagsOfTags).flatMap(([tag, flags]) => {
    const values = valuesOf(tags, tag);
    if (JSON.stringify(values) === JSON.stringify(valuesOf(before, tag))) return [];
    const allowed = flags.map((flag) => `${flag}:true or ${flag}:false`).join(', ');
    return values.flatMap((value, index) =>
      typeof value !== 'string' || isUnderstood(value, flags)
        ? []
        : [{ path: `/tags/${tag}/${index}`, message: `must be ${allowed}` }],
    );
  });
}

function isUnderstood(text: string, flags: readonly string[]): boolean {
  const [name = '', value = '', ...more] = pairOf(text);
  if (name === 'enabledat') return true;
  const isFlag = flags.some((flag) => flag.toLowerCase() === name);
  return isFlag && (value === 'true' || value === 'false') && more.length === 0;
}

function isSet(tags: Tags, tag: string, flag: string): boolean {
  const texts = valuesOf(tags, tag).filter((value) => typeof value === 'string');
  const pairs = texts.map(pairOf);
  return pairs.findLast(([name]) => name === flag.toLowerCase())?.[1] === 'true';
}

function pairOf(value: string): string[] {
  return value.split(':').map((part) => part.trim().toLowerCase());
}

function valuesOf(tags: unknown, tag: string): readonly unknown[] {
  if (typeof tags !== 'object' || tags === null || !Object.hasOwn(tags, tag)) return [];
  const values = (tags as Readonly<Record<string, unknown>>)[tag];
  return Array.isArray(values) ? values : [];
}
