import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { memoryFlags, workspaceRoot, type ServiceName } from '@tessera/testing';
import { startOf } from './start-of.fixture.js';

interface Compose {
  readonly services: Readonly<Record<string, { readonly image: string; readonly command?: readonly string[] }>>;
}

const read = (path: string) => readFileSync(join(workspaceRoot(), path), 'utf8');
const instruction = (name: string) =>
  JSON.parse(new RegExp(`^${name} (\\[.*\\])$`, 'm').exec(read('deploy/Dockerfile'))?.[1] ?? '[]') as string[];

describe('the image of the services', () => {
  it('keeps memory as it is kept where it is tested and measured', () => {
    expect(instruction('ENTRYPOINT')).toEqual(['node', ...memoryFlags]);
    expect(read('deploy/Dockerfile')).toMatch(/^ENV .*\bMALLOC_ARENA_MAX=1$/m);
  });

  it('is started as each service in the compose file, with its own flags', () => {
    const { services } = parse(read('docker-compose.yml'), { merge: true }) as Compose;
    const ours = Object.entries(services).filter(([, { image }]) => image.startsWith('tessera:'));
    expect(ours).toHaveLength(7);
    for (const [name, { command }] of ours) expect(command).toEqual(startOf(name as ServiceName));
  });
});
