import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { UnavailableError } from '@tessera/contracts';
import { EdgeService } from './edge.service.js';

/** Servers that answer with their name and the path asked for stand in for edges, whose own answers are tested there. */
describe('passing on to edges', () => {
  const servers: Server[] = [];
  const edgeNamed = async (name: string): Promise<string> => {
    const server = createServer((request, response) => response.end(`${name} ${request.url}`));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  afterAll(() => {
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
  });

  it('goes to the one of the data centre, to the common one for others', async () => {
    const edges = new EdgeService(
      new Map([
        ['', await edgeNamed('common')],
        ['VA5', `${await edgeNamed('own')}/`],
      ]),
      5_000,
    );
    const answer = async (dataCenter: string) =>
      String((await edges.get(dataCenter, `/edge/${dataCenter}/x?y=1`, {}, 'request')).body);
    expect(await answer('VA5')).toBe('own /edge/VA5/x?y=1');
    expect(await answer('OR1')).toBe('common /edge/OR1/x?y=1');
  });

  it('knows no data centre that has no edge, and is away where there is none at all', async () => {
    const edges = new EdgeService(new Map([['VA5', 'http://127.0.0.1:1']]), 5_000);
    await expect(edges.get('OR1', '/edge/OR1/x', {}, 'request')).rejects.toMatchObject({ slug: 'unknown-data-center' });
    await expect(edges.get('VA5', '/edge/VA5/x', {}, 'request')).rejects.toThrow(UnavailableError);
    const none = new EdgeService(undefined, 5_000);
    await expect(none.get('OR1', '/edge/OR1/x', {}, 'request')).rejects.toThrow(UnavailableError);
  });
});
