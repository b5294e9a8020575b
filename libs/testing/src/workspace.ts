import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout this code runs from, as sources or as a bundle below `dist`. */
export function workspaceRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'nx.json'))) {
    const parent = dirname(folder);
    if (parent === folder)
      throw new Error('This code runs outside a Tessera checkout: no nx.json in any parent folder.');
    folder = parent;
  }
  return folder;
}
