import { writeFileSync } from 'node:fs';
import { documentationFiles } from './operations/documentation-files.js';

/** `npm run docs`: writes the pages of `docs/` that are made from the code. */
for (const [path, text] of Object.entries(await documentationFiles())) {
  writeFileSync(path, text);
  console.log(path);
}
