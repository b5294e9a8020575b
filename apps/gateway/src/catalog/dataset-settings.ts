import type { Fault, JsonObject, JsonValue } from '@tessera/contracts';
import {
  applyJsonPatch,
  canonicalJson,
  emptyObject,
  isJsonObject,
  mergePatch,
  type PatchOperation,
} from '@tessera/domain';
import { compileSchema, escapePointer, faultsOf, problem, type ProblemError, type Sandbox } from '@tessera/http';
import { faultsOfTags, type StoredDataset } from '@tessera/stores';
import { expiryElsewhere, faultsOfExpiry } from '../expiry/kept-expiry.js';
import { patchProblem } from '../patch-problem.js';
import { datasetAnswer } from './dataset-answer.js';
import { datasetBodySchema, datasetSettingSchemas } from './dataset.schema.js';

/** What a client decides of a dataset. */
export type DatasetSettings = Pick<StoredDataset, 'name' | 'description' | 'schemaRef' | 'tags' | 'fileDescription'>;

export type DatasetPatch = JsonObject | readonly PatchOperation[];

const isDatasetBody = compileSchema<JsonObject>(datasetBodySchema);

/**
 * The settings of a body that matches {@link datasetBodySchema}, and nothing else of it. An empty file description says
 * nothing, so it is left out.
 */
export function settingsOf(body: JsonObject): DatasetSettings {
  const { name, description, schemaRef, tags, fileDescription } = body as unknown as DatasetSettings;
  const { id, contentType } = schemaRef;
  const isDescribed = fileDescription !== undefined && Object.keys(fileDescription).length > 0;
  return {
    name,
    ...(description !== undefined && { description }),
    schemaRef: { id, ...(contentType !== undefined && { contentType }) },
    tags: tags ?? {},
    ...(isDescribed && { fileDescription }),
  };
}

/**
 * The settings after a change, all of it or nothing. A JSON Patch applies to the dataset as it is shown, so that it can test
 * what a client cannot change, such as the version.
 *
 * @throws ProblemError `patch-not-applicable`, `dataset-changed` where a `test` fails, or `invalid-body` with every fault of
 * what the change would make.
 */
export function changedSettings(current: StoredDataset, sandbox: Sandbox, patch: DatasetPatch): DatasetSettings {
  const before = asJson(current, sandbox);
  const [after, faults] = Array.isArray(patch)
    ? patched(before, patch as PatchOperation[])
    : merged(before, patch as JsonObject, current);
  faults.push(...faultsOfSettings(after, current));
  if (faults.length > 0) throw invalid(faults);
  return settingsOf(after as JsonObject);
}

type Change = readonly [after: JsonValue, faults: Fault[]];

/**
 * Fields that are not a client's to decide are ignored in a merge, so that a dataset can be sent back as it was read; but not
 * another expiry than there is, which its sender would take to hold.
 */
function merged(before: JsonObject, patch: JsonObject, current: StoredDataset): Change {
  const known = emptyObject();
  for (const key of Object.keys(datasetSettingSchemas)) {
    if (Object.hasOwn(patch, key)) known[key] = patch[key] as JsonValue;
  }
  return [mergePatch(before, known), faultsOfExpiry(patch['extensions'], current)];
}

function patched(before: JsonObject, operations: readonly PatchOperation[]): Change {
  const result = applyJsonPatch(before, operations);
  if (!result.ok) throw patchProblem(result, 'dataset-changed');
  return [result.document, faultsOfFields(before, result.document)];
}

function unchangeable(key: string): Fault {
  if (key === 'extensions') return expiryElsewhere;
  return { path: `/${escapePointer(key)}`, message: 'is not a field that can be changed' };
}

/** Fields that are not a client's to decide, or that no dataset has, and that a patch changes all the same. */
function faultsOfFields(before: JsonObject, after: JsonValue): Fault[] {
  if (!isJsonObject(after)) return [];
  const text = (value: JsonValue | undefined) => value !== undefined && canonicalJson(value);
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((key) => !Object.hasOwn(datasetSettingSchemas, key) && text(before[key]) !== text(after[key]))
    .map(unchangeable);
}

/** Every fault of the settings: what has the shape of a setting is looked at whatever shape the others have. */
function faultsOfSettings(after: JsonValue, current: DatasetSettings): Fault[] {
  const faults = isDatasetBody(after) ? [] : [...faultsOf(isDatasetBody.errors ?? [])];
  if (!isJsonObject(after)) return faults;
  const { tags, schemaRef } = after;
  faults.push(...faultsOfTags(tags, current.tags));
  const id = isJsonObject(schemaRef) ? schemaRef['id'] : undefined;
  if (typeof id === 'string' && id !== '' && id !== current.schemaRef.id) {
    faults.push({ path: '/schemaRef/id', message: 'cannot change: records follow it' });
  }
  return faults;
}

/** A patch may name any place below tags and the file description, also where there is none of them yet. */
function asJson(current: StoredDataset, sandbox: Sandbox): JsonObject {
  const { fileDescription = {}, ...shown } = datasetAnswer(current, sandbox);
  return JSON.parse(JSON.stringify({ ...shown, fileDescription })) as JsonObject;
}

function invalid(errors: readonly Fault[]): ProblemError {
  return problem('invalid-body', {
    detail: 'The change does not make a valid dataset; errors lists every fault.',
    errors,
  });
}

/** What a body must be for the way its media type says it changes a dataset. @throws ProblemError `invalid-body`. */
export function checkPatchForm(patch: JsonValue, mediaType: string): asserts patch is JsonObject | JsonValue[] {
  const isPatch = /^application\/json-patch\+json/i.test(mediaType);
  if (!isPatch || !isJsonObject(patch)) return;
  throw invalid([{ path: '', message: 'must be an array of operations, as the Content-Type says JSON Patch' }]);
}
