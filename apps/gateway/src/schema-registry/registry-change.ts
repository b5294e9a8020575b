import type { Tenant } from '@tessera/contracts';
import { problem } from '@tessera/http';
import type { RegistryChange, RegistrySnapshot, SchemaStore } from '@tessera/stores';

/** Tries of a change against concurrent ones; each failed try means that another change came through. */
const MOST_TRIES = 50;

/**
 * Makes a change of a sandbox's registry, decided on all that is registered.
 *
 * @param decide may be called again, when another change came between; what it throws ends the change.
 * @returns what `decide` said beside the change.
 * @throws ProblemError `registry-changed`.
 */
export async function changeRegistry<Result>(
  store: SchemaStore,
  tenant: Tenant,
  decide: (snapshot: RegistrySnapshot) => Promise<[RegistryChange, Result]> | [RegistryChange, Result],
): Promise<Result> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const snapshot = await store.load(tenant);
    const [change, result] = await decide(snapshot);
    if (await store.change(tenant, snapshot.revision, change)) return result;
  }
  throw problem('registry-changed', {
    detail: 'Others kept changing schemas of the sandbox at the same moment; nothing was changed. Send it again.',
  });
}
