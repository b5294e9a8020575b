import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { problem, type ProblemError } from '../problem/problem-error.js';
import { isDeeperThan } from './depth.js';
import { faultsOf } from './faults.js';
import { checkKeyword } from './further-check.js';
import { readParameters, type ParameterSchema } from './query.js';

/** A JSON Schema (2020-12, as in OpenAPI 3.1). */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Nesting of a body unless its schema says otherwise in `x-max-depth` (spec 02-conventions, "Limits"). */
const MOST_DEPTH = 32;
/** Our own keyword: nesting allowed below a body's root; 0 leaves the check to the handler. */
const DEPTH_KEYWORD = 'x-max-depth';

const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true, strictRequired: false });
addFormats(ajv);
ajv.addKeyword({ keyword: DEPTH_KEYWORD });
ajv.addKeyword(checkKeyword);
ajv.addVocabulary(['example']);

/** Compiles a schema for checks outside of routes, with the same options. */
export function compileSchema<T = unknown>(schema: JsonSchema): ValidateFunction<T> {
  return ajv.compile<T>(schema);
}

/** What Fastify asks to be compiled: one schema of one part of a request. */
interface RoutePart {
  readonly schema: unknown;
  readonly httpPart?: string;
}

type Verdict = { readonly value: unknown } | { readonly error: ProblemError };

/** Fastify's validator compiler: each route's schemas are compiled once, at start; a fault is a `ProblemError`. */
export function compileRouteSchema({ schema, httpPart }: RoutePart): (data: unknown) => Verdict {
  const definition = schema as JsonSchema;
  const validate = compileSchema(definition);
  if (httpPart === 'body') return checkBody(validate, definition);
  return checkParameters(validate, (definition['properties'] ?? {}) as Readonly<Record<string, ParameterSchema>>);
}

function checkBody(validate: ValidateFunction, schema: JsonSchema): (body: unknown) => Verdict {
  const depth = typeof schema[DEPTH_KEYWORD] === 'number' ? schema[DEPTH_KEYWORD] : MOST_DEPTH;
  return (body) => {
    if (!validate(body)) {
      return {
        error: problem('invalid-body', {
          detail: 'The body is not what this operation takes; errors lists every fault.',
          errors: faultsOf(validate.errors ?? []),
        }),
      };
    }
    if (depth > 0 && isDeeperThan(body, depth)) {
      const errors = [{ path: '', message: `must not nest deeper than ${depth} levels` }];
      return { error: problem('invalid-body', { detail: 'The body nests too deep.', errors }) };
    }
    return { value: body };
  };
}

function checkParameters(
  validate: ValidateFunction,
  schemas: Readonly<Record<string, ParameterSchema>>,
): (parameters: unknown) => Verdict {
  return (parameters) => {
    readParameters(parameters as Record<string, unknown>, schemas);
    if (validate(parameters)) return { value: parameters };
    const errors = faultsOf(validate.errors ?? []);
    const named = errors.map(({ path, message }) => `${path.slice(1)} ${message}`).join('; ');
    return { error: problem('invalid-parameter', { detail: `A parameter is not valid: ${named}.`, errors }) };
  };
}
