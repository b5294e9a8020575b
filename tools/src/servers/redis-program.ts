import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fillCache } from '../cache/fill-cache.js';
import { CommandError } from '../command/command.js';
import { runTool } from '../command/run-tool.js';
import type { Launch, ServerCommand } from './server-kind.js';

const missing =
  'Redis is missing: install it (Debian and Ubuntu: apt-get install redis-server; macOS: brew install redis), ' +
  'or start Docker, or set REDIS_URL to a running Redis.';
const english = { LC_ALL: 'C' };

/** The `redis-server` on the path, else Debian's or Ubuntu's, fetched and unpacked without installing it. */
export async function redisProgram(command: ServerCommand): Promise<Pick<Launch, 'program' | 'environment'>> {
  const onPath = (process.env['PATH'] ?? '')
    .split(delimiter)
    .some((folder) => existsSync(join(folder, 'redis-server')));
  if (onPath) return { program: 'redis-server' };
  const cached = await fillCache(command, 'redis-debian', async (folder) => {
    command.report('Fetching Redis …');
    await unpackPackages(command, folder);
  });
  const program = join(cached, 'usr/bin/redis-server');
  const environment = { LD_LIBRARY_PATH: await libraryFolders(cached) };
  await runTool(command, program, ['--version'], { missing, failed: missing, environment });
  return { program, environment };
}

/** Unpacks the server and those of its direct dependencies that are not installed. APT checks their signatures. */
async function unpackPackages(command: ServerCommand, folder: string): Promise<void> {
  const downloads = join(folder, 'downloads');
  await mkdir(downloads);
  const apt = (program: string, args: string[]): Promise<string> =>
    runTool(command, program, args, { missing, failed: missing, folder: downloads, environment: english });
  const fetch = async (): Promise<string> =>
    apt('apt-get', ['download', '--quiet', 'redis-server', 'redis-tools', ...(await missingLibraries(apt))]);
  try {
    await fetch();
  } catch (error) {
    // Package lists that are missing or out of date; only root may refresh them.
    if (process.getuid?.() !== 0 || !(error instanceof CommandError)) throw error;
    await apt('apt-get', ['update', '--quiet']);
    await fetch();
  }
  const packages = (await readdir(downloads)).filter((name) => name.endsWith('.deb'));
  for (const file of packages) await apt('dpkg', ['-x', join(downloads, file), folder]);
  await rm(downloads, { recursive: true });
}

async function missingLibraries(apt: (program: string, args: string[]) => Promise<string>): Promise<string[]> {
  const listing = await apt('apt-cache', ['depends', '--important', 'redis-server', 'redis-tools']);
  const names = [...listing.matchAll(/^\s+Depends: (lib[^\s<>:]+)/gm)].flatMap(([, name]) => name ?? []);
  const status = await apt('dpkg-query', ['--show', '--showformat', '${Package} ${db:Status-Status}\n']);
  const installed = new Set(
    status.split('\n').flatMap((line) => (line.endsWith(' installed') ? (line.split(' ')[0] ?? []) : [])),
  );
  return [...new Set(names)].filter((name) => !installed.has(name));
}

/** The folders of unpacked libraries: Debian keeps them by architecture. */
async function libraryFolders(root: string): Promise<string> {
  const library = join(root, 'usr/lib');
  const names = existsSync(library) ? await readdir(library) : [];
  return names
    .filter((name) => name.endsWith('-linux-gnu'))
    .map((name) => join(library, name))
    .join(delimiter);
}
