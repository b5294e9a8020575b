import { schemaNames } from '../client/record-message.js';
import type { Bench } from './environment.js';
import { readerNamespace } from './readers.js';
import type { Target } from './target.js';

const DATA_CENTER = 'OR1';

/** Has the edge hold a projection of everybody. @returns the edge as a target whose lookups are of that projection. */
export async function projectedTarget(bench: Bench, name: string, selector: string): Promise<Target> {
  const create = <Body>(path: string, type: 'Destination' | 'Config', body: object) =>
    bench.client.expect<Body>(
      {
        method: 'POST',
        path: `/data/core/ups/config/${path}`,
        body: JSON.stringify(body),
        headers: { 'content-type': `application/vnd.adobe.platform.projection${type}+json` },
      },
      201,
    );
  const destination = { type: 'EDGE', dataCenters: [DATA_CENTER], replicationPolicy: 'PROACTIVE' };
  const { id: destinationId } = await create<{ id: string }>('destinations', 'Destination', destination);
  const configuration = { name, selector, destinationId };
  await create(`projections?schemaName=${schemaNames.profile}`, 'Config', configuration);
  const path = (namespace: string, id: string) =>
    `/edge/${DATA_CENTER}/projections/${name}?entityIdNS=${namespace}&entityId=${encodeURIComponent(id)}`;
  return {
    ...bench.sides.tessera,
    url: bench.edgeUrl,
    recordLookupPath: (email) => path('Email', email),
    profileLookupPath: (person, part) => path(readerNamespace(part), person),
  };
}
