import type { JsonObject, JsonValue } from '@tessera/contracts';

/*
 * The selector rules of spec 10-projections once more, said over lists of paths: write the selector out as plain paths,
 * then keep what the paths lead to. For tests.
 */

/** `a(b,c.d),e` → `a.b`, `a.c.d`, `e`, by rewriting the innermost parentheses until there are none. */
export function expanded(selector: string): string[][] {
  const innermost = /([^,()]+)\(([^()]*)\)/;
  let text = selector;
  for (let match = innermost.exec(text); match !== null; match = innermost.exec(text)) {
    const [whole, parent = '', children = ''] = match;
    const paths = children.split(',').map((child) => `${parent}.${child}`);
    text = text.replace(whole, () => paths.join(','));
  }
  return text.split(',').map((path) => path.split('.'));
}

/** What {@link select} should give. */
export function referenceSelect(paths: readonly string[][], entity: JsonObject): JsonObject {
  return leadsSomewhere(paths, entity) ? (kept(paths, entity) as JsonObject) : {};
}

function kept(paths: readonly string[][], value: JsonValue): JsonValue {
  if (paths.some((path) => path.length === 0)) return value;
  if (Array.isArray(value)) {
    const elements = value.filter(isContainer);
    return elements.map((each) => (leadsSomewhere(paths, each) ? kept(paths, each) : Array.isArray(each) ? [] : {}));
  }
  const members = Object.entries(value as JsonObject)
    .map(([name, below]) => [name, below, after(paths, name)] as const)
    .filter(([, below, rest]) => leadsSomewhere(rest, below))
    .map(([name, below, rest]) => `${JSON.stringify(name)}:${JSON.stringify(kept(rest, below))}`);
  return JSON.parse(`{${members.join(',')}}`) as JsonObject;
}

/** Whether a path ends at the value, or goes on to something in it. */
function leadsSomewhere(paths: readonly string[][], value: JsonValue): boolean {
  if (paths.some((path) => path.length === 0)) return true;
  if (!isContainer(value)) return false;
  if (Array.isArray(value)) return value.some((element) => leadsSomewhere(paths, element));
  return Object.entries(value as JsonObject).some(([name, below]) => leadsSomewhere(after(paths, name), below));
}

/** The paths that begin with a name, without it. */
function after(paths: readonly string[][], name: string): string[][] {
  return paths.filter((path) => path[0] === name).map((path) => path.slice(1));
}

function isContainer(value: JsonValue): boolean {
  return typeof value === 'object' && value !== null;
}
