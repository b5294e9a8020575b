import type { Fault, JsonObject, JsonValue } from '@tessera/contracts';
import { applyJsonPatch, emptyObject, isJsonObject, mergePatch, type PatchOperation } from '@tessera/domain';
import { compileSchema, faultsOf, problem, type ProblemError } from '@tessera/http';
import { faultsOfTags, type StoredDataset } from '@tessera/stores';
import { datasetBodySchema, datasetSettingSchemas } from './dataset.schema.js';

/** What a client decides of a dataset. */
export type DatasetSettings = Pick<StoredDataset, 'name' | 'description' | 'schemaRef' | 'tags' | 'fileDescription'>;

export type DatasetPatch = JsonObject | readonly PatchOperation[];

const isDatasetBody = compileSchema<JsonObject>(datasetBodySchema);

/** The settings of a body that matches {@link datasetBodySchema}, and nothing else of it. */
export function settingsOf(body: JsonObject): DatasetSettings {
  return ownSettings(body as unknown as DatasetSettings);
}

/** An empty file description says nothing, so it is left out. */
function ownSettings({ name, description, schemaRef, tags, fileDescription }: DatasetSettings): DatasetSettings {
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
 * The settings after a change, all of it or nothing.
 *
 * @throws ProblemError `patch-not-applicable`, or `invalid-body` with every fault of what the change would make.
 */
export function changedSettings(current: DatasetSettings, patch: DatasetPatch): DatasetSettings {
  const before = asJson(current);
  const after = Array.isArray(patch) ? patched(before, patch as PatchOperation[]) : merged(before, patch as JsonObject);
  const faults = faultsOfSettings(after, current);
  if (faults.length > 0) throw invalid(faults);
  return settingsOf(after as JsonObject);
}

/** Fields that are not a client's to decide are ignored in a merge, so that a dataset can be sent back as it was read. */
function merged(before: JsonObject, patch: JsonObject): JsonValue {
  const known = emptyObject();
  for (const key of Object.keys(datasetSettingSchemas)) {
    if (Object.hasOwn(patch, key)) known[key] = patch[key] as JsonValue;
  }
  return mergePatch(before, known);
}

function patched(before: JsonObject, operations: readonly PatchOperation[]): JsonValue {
  const result = applyJsonPatch(before, operations);
  if (result.ok) return result.document;
  const errors = [{ path: `/${result.index}`, message: result.message }];
  throw problem('patch-not-applicable', {
    detail: `Operation ${result.index} of the patch cannot be applied: ${result.message}. Nothing was changed.`,
    errors,
  });
}

function faultsOfSettings(after: JsonValue, current: DatasetSettings): readonly Fault[] {
  const faults = isDatasetBody(after) ? [] : [...faultsOf(isDatasetBody.errors ?? [])];
  if (!isJsonObject(after)) return faults;
  const unknown = Object.keys(after).filter((key) => !Object.hasOwn(datasetSettingSchemas, key));
  faults.push(...unknown.map((key) => ({ path: `/${key}`, message: 'is not a field that can be changed' })));
  faults.push(...faultsOfTags(after['tags'], current.tags));
  const { schemaRef } = after;
  const id = isJsonObject(schemaRef) ? schemaRef['id'] : undefined;
  if (typeof id === 'string' && id !== '' && id !== current.schemaRef.id) {
    faults.push({ path: '/schemaRef/id', message: 'cannot change: records follow it' });
  }
  return faults;
}

/** A patch may name any place below tags and the file description, also where there is none of them yet. */
function asJson(current: DatasetSettings): JsonObject {
  const { fileDescription = {}, ...settings } = ownSettings(current);
  return JSON.parse(JSON.stringify({ ...settings, fileDescription })) as JsonObject;
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
