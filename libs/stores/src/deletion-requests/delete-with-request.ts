import type { ClientSession } from 'mongodb';
import type { Database } from '../database.js';
import { newSessions, TransactionRunner } from '../identity-graph/transaction-runner.js';
import type { DeletionRequest } from './deletion-request.js';
import { DeletionRequestStore } from './deletion-request-store.js';

/**
 * Takes a subject out of sight and records that its data is to go, both or neither.
 *
 * @param remove takes the subject out of sight; says whether it was there.
 * @returns whether it was there.
 * @throws UnavailableError
 */
export async function deleteWithRequest(
  database: Database,
  request: DeletionRequest,
  remove: (session: ClientSession) => Promise<boolean>,
): Promise<boolean> {
  const requests = new DeletionRequestStore(database);
  const runner = new TransactionRunner(newSessions(database.client), { concurrency: 1 });
  const { results } = await runner.run([[request]], async (_tasks, session) => {
    // Where the answer to a commit was lost, the work is done again and finds its own trace.
    if (await requests.has(request.tenant, request.id, session)) return true;
    if (!(await remove(session))) return false;
    await requests.record(request, session);
    return true;
  });
  return results[0] ?? false;
}
