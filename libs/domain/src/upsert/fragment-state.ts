import type { JsonObject, RecordOperation } from '@tessera/contracts';
import { versionsIn } from './field-versions.js';
import { dropVersions, mergeFields, newestVersion, newRegister, replaceFields } from './registers.js';
import { registersOf, stateOf } from './stored-registers.js';

/** What the records of one dataset and primary identity come to. */
export interface FragmentState {
  /** Version of the newest record. */
  readonly version: string;
  /** JSON text; absent where nothing is left: deleted, or every field cleared. */
  readonly body?: string;
  /** {@link formatFieldVersions}; absent where the newest record said everything there is, by replacing or deleting. */
  readonly fieldVersions?: string;
}

/** One record of a fragment. */
export interface FragmentChange {
  /** `create` replaces. */
  readonly operation: RecordOperation;
  readonly version: string;
  /**
   * What {@link readRecord} made of the record: its `identityMap` has lists of distinct identities by lower-case code, or
   * `null` where a merge clears one. Without meaning for a delete.
   */
  readonly body: JsonObject;
}

/**
 * Applies records to a fragment (spec 03-ingestion, "What a record does"). Whatever the order, the repeats and the
 * portions in which records come, the state is, to the byte, the one that applying each once by rising version gives;
 * hence a field is cleared or replaced only by what is newer than itself. Nothing given is changed.
 *
 * @param state what is stored; undefined where nothing is.
 * @param changes at least one.
 */
export function applyChanges(state: FragmentState | undefined, changes: readonly FragmentChange[]): FragmentState {
  const root = state === undefined ? newRegister() : registersOf(state);
  let newest = state?.version ?? '';
  for (const { operation, version, body } of changes) {
    if (operation === 'merge') mergeFields(root, version, body);
    else replaceFields(root, version, operation === 'delete' ? undefined : body);
    if (version > newest) newest = version;
  }
  return stateOf(root, newest);
}

/**
 * Takes back what certain records left in a fragment. What they had replaced or cleared does not come back.
 *
 * @returns undefined where nothing is left, not even a record that deleted.
 */
export function withoutVersions(state: FragmentState, taken: (version: string) => boolean): FragmentState | undefined {
  const root = registersOf(state);
  dropVersions(root, taken);
  const newest = taken(state.version) ? newestVersion(root) : state.version;
  return newest === undefined ? undefined : stateOf(root, newest);
}

/** Versions of the records that have a part in the state: each of them set or cleared something, or is the newest. */
export function versionsOf({ version, fieldVersions }: FragmentState): Set<string> {
  return new Set([version, ...(fieldVersions === undefined ? [] : versionsIn(fieldVersions))]);
}
