import type { ErrorObject } from 'ajv';
import { pathOf } from './error-path.js';

type Errors = readonly ErrorObject[];

const WITHIN_CHOICE = /\/(?:anyOf|oneOf)\/\d+\//;

/**
 * Ajv tells of `anyOf` and `oneOf` what is wrong by every branch, and branches contradict one another. Here, only the
 * errors of the branch that the value evidently means are left or, where none is, one error for all.
 */
export function withChoicesMade(errors: Errors): ErrorObject[] {
  const outside = placesOutside(errors);
  const made: ErrorObject[] = [];
  for (const error of errors) {
    if (!isChoice(error)) made.push(error);
    // Ajv gives the errors of the branches directly before that of their choice. There may be too many for a spread.
    else for (const left of madeChoice(error, branchesBefore(made, error), outside)) made.push(left);
  }
  return made;
}

function isChoice({ keyword }: ErrorObject): boolean {
  return keyword === 'anyOf' || keyword === 'oneOf';
}

/** Places that something is wrong with whatever the choices. */
function placesOutside(errors: Errors): ReadonlySet<string> {
  const plain = errors.filter((error) => !isChoice(error) && !WITHIN_CHOICE.test(error.schemaPath));
  return new Set(plain.flatMap((error) => [error.instancePath, pathOf(error)]));
}

/** Takes the errors of a choice's branches off the end of a list, by branch. */
function branchesBefore(errors: ErrorObject[], { schemaPath, instancePath }: ErrorObject): Errors[] {
  const branches = new Map<string, ErrorObject[]>();
  const isAtOrBelow = (path: string) => path === instancePath || path.startsWith(`${instancePath}/`);
  for (let last = errors.at(-1); last?.schemaPath.startsWith(`${schemaPath}/`); last = errors.at(-1)) {
    if (!isAtOrBelow(last.instancePath)) break;
    const [branch = ''] = last.schemaPath.slice(schemaPath.length + 1).split('/', 1);
    const taken = branches.get(branch);
    if (taken === undefined) branches.set(branch, [last]);
    else taken.push(last);
    errors.pop();
  }
  return [...branches.values()].reverse().map((taken) => taken.reverse());
}

function madeChoice(choice: ErrorObject, branches: readonly Errors[], outside: ReadonlySet<string>): Errors {
  const { passingSchemas } = choice.params as { readonly passingSchemas?: readonly number[] | null };
  if (branches.length === 0 || passingSchemas) return outside.has(choice.instancePath) ? [] : [choice];
  const [meant = [], ...others] = likeliest(branches, choice.instancePath);
  if (others.length === 0) return meant.filter((error) => !outside.has(pathOf(error)));
  const tied = [meant, ...others];
  if (tied.flat().some((error) => outside.has(pathOf(error)))) return [];
  return [{ ...choice, params: { ...choice.params, missingOneOf: missingOneOf(tied, choice.instancePath) } }];
}

/** The branches that fit best: by the type of the value, then by its tags (fields of few values), then by all else. */
function likeliest(branches: readonly Errors[], place: string): readonly Errors[] {
  const misfits = branches.map((branch) => ({
    branch,
    type: branch.filter(({ keyword, instancePath }) => keyword === 'type' && instancePath === place).length,
    tags: branch.filter(
      ({ keyword, instancePath }) => (keyword === 'const' || keyword === 'enum') && instancePath !== place,
    ).length,
  }));
  type Misfit = (typeof misfits)[number];
  const order = (a: Misfit, b: Misfit) => a.type - b.type || a.tags - b.tags || a.branch.length - b.branch.length;
  const sorted = misfits.toSorted(order);
  return sorted.filter((misfit) => order(misfit, sorted[0] as Misfit) === 0).map(({ branch }) => branch);
}

/** The fields one of which is missing, where each branch asks for one and nothing else. */
function missingOneOf(branches: readonly Errors[], place: string): readonly string[] | undefined {
  const names = branches.flatMap(([error, ...more]) =>
    more.length === 0 && error?.keyword === 'required' && error.instancePath === place
      ? [(error.params as { readonly missingProperty: string }).missingProperty]
      : [],
  );
  return names.length === branches.length ? names : undefined;
}
