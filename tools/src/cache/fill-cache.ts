import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { Command } from '../command/command.js';

/** Where downloads are kept between runs and shared between checkouts. */
export function cacheFolder(): string {
  return process.env['TESSERA_CACHE'] || join(homedir(), '.cache/tessera');
}

/**
 * Gives the cached folder `name`, filling it first when it is not there.
 *
 * A folder appears in the cache only whole: it is filled under another name and renamed. Of several processes that fill
 * it at once, the first to finish wins and the others drop theirs.
 *
 * @param name path below the cache; carries the version of what is in it, since a filled folder is never refreshed.
 */
export async function fillCache(
  command: Pick<Command, 'guard'>,
  name: string,
  fill: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = join(cacheFolder(), name);
  if (existsSync(folder)) return folder;
  await mkdir(dirname(folder), { recursive: true });
  const partial = await mkdtemp(join(dirname(folder), `.${basename(folder)}-`));
  command.guard.remove(partial);
  try {
    await fill(partial);
    await rename(partial, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return folder;
}
