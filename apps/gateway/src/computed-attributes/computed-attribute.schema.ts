import { longestLookbacks, MOST_BYTES } from '@tessera/pql';
import { computedAttributeStatuses } from '@tessera/stores';

const text = { type: 'string' };
const epoch = { type: 'integer', description: 'Epoch ms' };
const name = {
  type: 'string',
  pattern: '^[A-Za-z0-9]{1,64}$',
  description: 'Letters and digits, unique in the sandbox',
};
const displayName = { type: 'string', minLength: 1, maxLength: 256 };
const description = { type: 'string', maxLength: 2_048 };

const expression = {
  type: 'object',
  required: ['type', 'format', 'value'],
  properties: {
    type: { type: 'string', enum: ['PQL'] },
    format: { type: 'string', enum: ['pql/text'] },
    value: { type: 'string', minLength: 1, maxLength: MOST_BYTES, description: 'PQL: see docs/pql.md' },
  },
};

const duration = {
  type: 'object',
  required: ['count', 'unit'],
  description: 'How far back events count: HOURS 1–24, DAYS 1–7, WEEKS 1–4, MONTHS 1–6',
  properties: {
    count: { type: 'integer', minimum: 1 },
    unit: { type: 'string', enum: Object.keys(longestLookbacks) },
  },
  oneOf: Object.entries(longestLookbacks).map(([unit, maximum]) => ({
    properties: { unit: { type: 'string', enum: [unit] }, count: { type: 'integer', maximum } },
  })),
};

const settings = {
  name,
  displayName,
  description,
  expression,
  duration,
  keepCurrent: { type: 'boolean', description: 'Values are current always; kept for clients that send it' },
};

const example = {
  name: 'spentThisWeek',
  displayName: 'Spent this week',
  description: 'What a person has spent in seven days',
  expression: { type: 'PQL', format: 'pql/text', value: 'xEvent[type = "order"].total.sum()' },
  duration: { count: 7, unit: 'DAYS' },
  status: 'NEW',
};

export const attributeBodySchema = {
  type: 'object',
  required: ['name', 'expression', 'duration'],
  properties: {
    ...settings,
    status: { type: 'string', enum: ['DRAFT', 'NEW'], default: 'DRAFT', description: 'NEW publishes it' },
  },
  example,
};

export const attributeChangeSchema = {
  type: 'object',
  minProperties: 1,
  properties: {
    ...settings,
    status: { type: 'string', enum: ['DRAFT', 'NEW', 'DISABLED'] },
  },
  example: { status: 'NEW' },
};

const sandbox = {
  type: 'object',
  properties: { sandboxId: text, sandboxName: text, type: text, default: { type: 'boolean' } },
};

const shown = {
  id: text,
  imsOrgId: text,
  sandbox,
  name: text,
  path: { ...text, description: 'Where in a profile its value stands' },
  positionPath: { type: 'array', items: text },
  description: text,
  expression,
  returnSchema: { type: 'object', properties: { 'meta:xdmType': text } },
  schema: { type: 'object', properties: { name: text } },
  definedOn: { type: 'array', items: { type: 'object' } },
  createEpoch: epoch,
  updateEpoch: epoch,
  createdBy: text,
};

export const attributeAnswerSchema = {
  type: 'object',
  required: ['id', 'type', 'name', 'expression', 'status', 'mergeFunction', 'returnSchema'],
  properties: {
    ...shown,
    type: { type: 'string', enum: ['ComputedAttribute'] },
    displayName: text,
    duration,
    keepCurrent: { type: 'boolean' },
    status: { type: 'string', enum: [...computedAttributeStatuses] },
    mergeFunction: { type: 'object', properties: { value: text } },
    lastEvaluationTs: { ...text, description: 'ISO 8601; empty before the first evaluation' },
  },
};

const link = { type: 'object', properties: { href: text } };

export const attributeListSchema = {
  type: 'object',
  required: ['_links', 'computedAttributes', '_page'],
  properties: {
    _links: { type: 'object', properties: { self: link, next: link, prev: link, last: link } },
    computedAttributes: { type: 'array', items: attributeAnswerSchema },
    _page: {
      type: 'object',
      properties: {
        offset: { type: 'integer' },
        limit: { type: 'integer' },
        count: { type: 'integer' },
        totalCount: { type: 'integer' },
      },
    },
  },
};

const olderSettings = {
  name,
  path: { type: 'string', maxLength: 256, description: 'Not followed: values stand where the answer says' },
  description,
  expression,
  schema: {
    type: 'object',
    required: ['name'],
    properties: { name: { type: 'string', enum: ['_xdm.context.profile'] } },
  },
};

export const olderBodySchema = {
  type: 'object',
  required: ['name', 'expression', 'schema'],
  properties: olderSettings,
  example: {
    name: 'birthdayMonth',
    expression: { type: 'PQL', format: 'pql/text', value: 'person.birthDate.getMonth() = currentMonth()' },
    schema: { name: '_xdm.context.profile' },
  },
};

export const olderPatchSchema = {
  type: 'array',
  minItems: 1,
  maxItems: 100,
  items: {
    type: 'object',
    required: ['op', 'path'],
    properties: {
      op: { type: 'string', enum: ['add', 'replace', 'remove', 'test', 'move', 'copy'] },
      path: text,
      from: text,
      value: {},
    },
  },
  example: [{ op: 'replace', path: '/description', value: 'Whether it is their month' }],
};

export const olderAnswerSchema = {
  type: 'object',
  required: ['id', 'name', 'path', 'expression', 'schema'],
  properties: { ...shown, status: text },
};

export const olderListSchema = {
  type: 'object',
  required: ['_page', 'children', '_links'],
  properties: {
    _page: { type: 'object', properties: { totalCount: { type: 'integer' }, pageSize: { type: 'integer' } } },
    children: { type: 'array', items: olderAnswerSchema },
    _links: { type: 'object', properties: { next: link } },
  },
};
