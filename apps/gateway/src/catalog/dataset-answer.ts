import type { Sandbox } from '@tessera/http';
import type { StoredDataset } from '@tessera/stores';
import { expiryExtensions } from '../expiry/expiry-answer.js';

/** Datasets as answers show them: keyed by id, in the given order. */
export function datasetsAnswer(datasets: readonly StoredDataset[], sandbox: Sandbox) {
  return Object.fromEntries(datasets.map((dataset) => [dataset.id, datasetAnswer(dataset, sandbox)]));
}

/** A dataset as answers show it. */
export function datasetAnswer(dataset: StoredDataset, sandbox: Sandbox) {
  const { name, description, schemaRef, tags, fileDescription, rules, created, updated, version } = dataset;
  return {
    name,
    description,
    schemaRef,
    tags,
    fileDescription,
    classification: { dataBehavior: rules.behavior, managedBy: 'CUSTOMER' },
    created,
    updated,
    version,
    createdUser: dataset.createdUser,
    imsOrg: dataset.tenant.organisation,
    sandboxId: sandbox.id,
    ...(dataset.expiry && { extensions: expiryExtensions(dataset) }),
  };
}

/** How answers name a dataset. */
export function datasetReference(id: string): readonly [string] {
  return [`@/dataSets/${id}`];
}
