import type { Fault } from '@tessera/contracts';
import { canonicalJson, type AttributeMerge, type PolicySettings } from '@tessera/domain';
import { compileSchema, faultsOf, problem } from '@tessera/http';
import { settingSchemas, type SettingPath } from './policy.schema.js';

/** One JSON Patch operation whose `op` and `path` are known to be of the allowed ones. */
export interface PolicyOperation {
  readonly op: 'add' | 'replace' | 'remove' | 'test';
  readonly path: string;
  readonly value?: unknown;
}

const checks = Object.fromEntries(
  Object.entries(settingSchemas).map(([path, schema]) => [path, compileSchema(schema)]),
) as Readonly<Record<SettingPath, ReturnType<typeof compileSchema>>>;

/**
 * The settings after a patch. Operations apply in their order; what they make is checked as a whole at the end, so a
 * method and its `order` may come in any order. Turning to `timestampOrdered` drops the order of datasets.
 *
 * @throws ProblemError `invalid-body` with every fault, or `policy-changed` where a `test` finds another value.
 */
export function patchedSettings(
  current: PolicySettings,
  body: PolicyOperation | readonly PolicyOperation[],
): PolicySettings {
  const isList = Array.isArray(body);
  const operations = (isList ? body : [body]) as readonly PolicyOperation[];
  const faults: Fault[] = [];
  const values = valuesOf(current);
  const given = new Set<SettingPath>();
  operations.forEach((operation, index) => {
    const pointer = isList ? `/${index}` : '';
    const setting = settingOf(operation.path);
    if (operation.op === 'remove') faults.push(...remove(values, setting, pointer));
    else faults.push(...assign(values, setting, operation, pointer));
    if (operation.op !== 'test') given.add(setting);
  });
  const isOrdered = values['attributeMerge.type'] === 'dataSetPrecedence';
  if (faults.length === 0) faults.push(...orderFaults(values, isOrdered, given));
  if (faults.length > 0) {
    throw problem('invalid-body', {
      detail: 'The patch does not make a valid policy; errors lists every fault.',
      errors: faults,
    });
  }
  return settingsOf(values, isOrdered);
}

type Values = Partial<Record<SettingPath, unknown>>;

/** `/identityGraph.type` and `/identityGraph/type` are the same setting. */
function settingOf(path: string): SettingPath {
  return path.slice(1).replace('/', '.') as SettingPath;
}

function assign(values: Values, setting: SettingPath, { op, value: raw }: PolicyOperation, pointer: string): Fault[] {
  const value = settingSchemas[setting].type === 'boolean' ? asBoolean(raw) : raw;
  const check = checks[setting];
  if (value === undefined) return [{ path: `${pointer}/value`, message: 'is required' }];
  if (!check(value)) {
    return faultsOf(check.errors ?? []).map(({ path, message }) => ({ path: `${pointer}/value${path}`, message }));
  }
  if (op !== 'test') values[setting] = value;
  else if (canonicalJson((values[setting] ?? null) as never) !== canonicalJson(value as never)) {
    throw problem('policy-changed', {
      detail: `The policy's ${setting} is not what the test expects; nothing was changed.`,
    });
  }
  return [];
}

function remove(values: Values, setting: SettingPath, pointer: string): Fault[] {
  if (setting !== 'attributeMerge.order') return [{ path: `${pointer}/op`, message: `cannot remove ${setting}` }];
  delete values[setting];
  return [];
}

function orderFaults(values: Values, isOrdered: boolean, given: ReadonlySet<SettingPath>): Fault[] {
  const hasOrder = values['attributeMerge.order'] !== undefined;
  if (isOrdered && !hasOrder) return [{ path: '', message: 'dataSetPrecedence needs /attributeMerge.order' }];
  if (!isOrdered && hasOrder && given.has('attributeMerge.order')) {
    return [{ path: '', message: '/attributeMerge.order is for dataSetPrecedence only' }];
  }
  return [];
}

function asBoolean(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const text = value.toLowerCase();
  return text === 'true' ? true : text === 'false' ? false : value;
}

function valuesOf({
  name,
  schema,
  identityGraph,
  attributeMerge,
  isActiveOnEdge,
  default: isDefault,
}: PolicySettings): Values {
  return {
    name,
    'schema.name': schema.name,
    'identityGraph.type': identityGraph.type,
    'attributeMerge.type': attributeMerge.type,
    ...(attributeMerge.type === 'dataSetPrecedence' && { 'attributeMerge.order': attributeMerge.order }),
    isActiveOnEdge,
    default: isDefault,
  };
}

/** Every value was checked against its setting's schema. */
function settingsOf(values: Values, isOrdered: boolean): PolicySettings {
  const order = values['attributeMerge.order'] as readonly string[];
  const attributeMerge: AttributeMerge = isOrdered
    ? { type: 'dataSetPrecedence', order }
    : { type: 'timestampOrdered' };
  return {
    name: values.name as string,
    schema: { name: values['schema.name'] as string },
    identityGraph: { type: values['identityGraph.type'] as PolicySettings['identityGraph']['type'] },
    attributeMerge,
    isActiveOnEdge: values.isActiveOnEdge as boolean,
    default: values.default as boolean,
  };
}
