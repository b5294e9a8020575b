import type { DatasetRules, StoredDataset } from './dataset.js';

/** A moment at which a dataset began or ceased to feed profiles; epoch ms. */
export interface DatasetSwitch {
  readonly at: number;
  readonly profile: boolean;
}

/** Switches remembered; of a dataset switched more often what was accepted before them counts as before the first. */
const MOST_SWITCHES = 100;

/**
 * Whether a record feeds profiles that was accepted at this time (epoch ms): what counts is how the dataset was then, not
 * when a worker comes to the record (spec 03-ingestion, "Catalogue").
 */
export function feedsProfilesAt(
  { rules, switches = [] }: Pick<StoredDataset, 'rules' | 'switches'>,
  at: number,
): boolean {
  const first = switches[0];
  if (!first) return rules.profile;
  return switches.findLast((one) => one.at <= at)?.profile ?? !first.profile;
}

/** The switches of a dataset once it has other rules. Times never run backwards. */
export function switchesAfter(
  { rules, switches = [] }: Pick<StoredDataset, 'rules' | 'switches'>,
  next: DatasetRules,
  now: number,
): readonly DatasetSwitch[] {
  if (next.profile === rules.profile) return switches;
  const at = Math.max(now, switches.at(-1)?.at ?? now);
  return [...switches, { at, profile: next.profile }].slice(-MOST_SWITCHES);
}
