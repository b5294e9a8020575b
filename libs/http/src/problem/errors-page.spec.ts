import { readFileSync } from 'node:fs';
import { problemCatalogue, renderErrorsPage, type CatalogueEntry } from '../index.js';

describe('catalogue of errors', () => {
  const entries: [string, CatalogueEntry][] = Object.entries(problemCatalogue);

  it('gives every error a code of its own that ends in its status', () => {
    const codes = entries.map(([, { code }]) => code);
    expect(new Set(codes).size).toBe(codes.length);
    for (const [, { code, status }] of entries) expect(code).toMatch(new RegExp(`^TSR-[A-Z]{3}-\\d${status}$`));
  });

  it('is what docs/errors.md shows; run "npm run docs" where this fails', () => {
    expect(readFileSync('docs/errors.md', 'utf8')).toBe(renderErrorsPage());
  });
});
