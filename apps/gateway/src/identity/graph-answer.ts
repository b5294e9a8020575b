import type { StoredLink } from '@tessera/stores';
import type { FoundRecord, FoundRecords } from './graph.service.js';

const CLUSTERS_VERSION = '1.1.0';
const GRAPHS_VERSION = '2.0';

/** Clusters as the first published API answers them; of each the members in the form of the request. */
export function clustersAnswer({ found, unprocessed }: FoundRecords) {
  return {
    version: CLUSTERS_VERSION,
    clusters: found.map(({ record: { sent, show }, members }) => ({
      ...(typeof sent === 'string' ? { xid: sent } : { compositeXid: sent }),
      members: members.map(show),
    })),
    unprocessedRecords: unprocessed,
  };
}

/** The second published API: for each identity all that are linked with it. */
export function setsAnswer({ found, unprocessed }: FoundRecords, form: RequestForm) {
  const graphs = found.map(({ record: { sent, show }, members }) => ({ [form]: sent, members: members.map(show) }));
  return { version: GRAPHS_VERSION, graphs, [`unprocessed_${form}s`]: unprocessed };
}

/** The name under which an answer of the second API shows an identity. */
export type RequestForm = 'xid' | 'composite_xid';

/** The same with the links themselves. */
export function graphsAnswer(
  { found, unprocessed }: FoundRecords,
  links: readonly (readonly StoredLink[])[],
  form: RequestForm,
  withSources: boolean,
) {
  const graphs = found.map((one, index) => graphAnswer(one, links[index] ?? [], form, withSources));
  return { version: GRAPHS_VERSION, graphs, [`unprocessed_${form}s`]: unprocessed };
}

function graphAnswer(
  { record: { sent, show }, members }: FoundRecord,
  links: readonly StoredLink[],
  form: RequestForm,
  withSources: boolean,
) {
  const shown = new Map(members.map((member) => [member.xid, show(member)]));
  const updated = new Map<string, number>();
  const edges = links.map(({ a, b, evidence }) => {
    const all = Object.values(evidence);
    const last = Math.max(...all.map((one) => one.last));
    for (const xid of [a, b]) updated.set(xid, Math.max(updated.get(xid) ?? 0, last));
    return {
      [`${form}_pair`]: [shown.get(a), shown.get(b)],
      first_established_ts: Math.min(...all.map(({ first }) => first)),
      last_established_ts: last,
      ...(withSources && {
        dataset_ids: sortedSet(all.map(({ datasetId }) => datasetId)),
        batch_ids: sortedSet(all.flatMap(({ batchId }) => batchId ?? [])),
      }),
    };
  });
  const vertices = members.map(({ xid }) => ({ [form]: shown.get(xid), last_updated_ts: updated.get(xid) ?? 0 }));
  return { [form]: sent, vertices, edges };
}

function sortedSet(values: readonly string[]): string[] {
  return [...new Set(values)].sort();
}
