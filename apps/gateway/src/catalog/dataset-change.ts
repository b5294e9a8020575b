import type { Tenant } from '@tessera/contracts';
import { problem, type ProblemError } from '@tessera/http';
import type { DatasetStore, StoredDataset } from '@tessera/stores';

/** Tries of a change against concurrent ones; each failed try means that another change came through. */
const MOST_TRIES = 10;

/**
 * Changes a dataset as it is at the moment of the change; its version and time of change are seen to here.
 *
 * @param change makes the new dataset of the present one; may be called again.
 * @returns the dataset as it now is.
 * @throws ProblemError `unknown-dataset`, `dataset-exists` for a name in use, `dataset-changed`; whatever `change` throws.
 */
export async function changeDataset(
  datasets: DatasetStore,
  tenant: Tenant,
  id: string,
  change: (current: StoredDataset, now: number) => StoredDataset,
): Promise<StoredDataset> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const current = await datasets.find(tenant, id);
    if (current === undefined) throw unknownDataset(id);
    const updated = Date.now();
    const next = { ...change(current, updated), updated, version: nextVersion(current.version) };
    const outcome = await datasets.replace(next, current.version);
    if (outcome === 'replaced') return next;
    if (outcome === 'name-taken') throw nameTaken(next.name);
  }
  throw problem('dataset-changed', { detail: 'Others kept changing the dataset at the same moment; send it again.' });
}

/** Raises the last part of `<major>.<minor>.<patch>`. */
function nextVersion(version: string): string {
  const [major = '1', minor = '0', patch = '0'] = version.split('.');
  return `${major}.${minor}.${Number(patch) + 1}`;
}

export function unknownDataset(id: string): ProblemError {
  return problem('unknown-dataset', { detail: `The sandbox has no dataset ${id.slice(0, 256)}.` });
}

export function nameTaken(name: string): ProblemError {
  return problem('dataset-exists', { detail: `The sandbox has another dataset named "${name}"; choose another name.` });
}
