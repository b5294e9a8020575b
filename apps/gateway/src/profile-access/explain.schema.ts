import type { DecidingRule } from '@tessera/domain';

const text = { type: 'string' };
const time = { type: 'string', format: 'date-time' };
const anything = { description: 'Any JSON value' };

const identity = {
  type: 'object',
  required: ['xid'],
  properties: { xid: text, id: text, namespace: { type: 'object', properties: { code: text } } },
};

const source = { datasetId: text, identity, age: { ...time, description: 'The age that decides its rank' } };
const fragment = { type: 'object', required: ['datasetId', 'identity', 'age'], properties: source };
const sourcedValue = { type: 'object', properties: { ...source, path: text, pointer: text, value: anything } };

const rules: DecidingRule[] = [
  'only-source',
  'dataset-order',
  'newer',
  'accepted-later',
  'larger-dataset-id',
  'larger-xid',
  'later-qualification',
  'united',
];

const field = {
  type: 'object',
  required: ['path', 'pointer', 'value', 'rule', 'winner', 'beaten'],
  properties: {
    path: text,
    pointer: { ...text, description: 'JSON Pointer: exact whatever the names contain' },
    value: anything,
    rule: { type: 'string', enum: rules, description: 'What told the winner from the strongest it beat' },
    winner: fragment,
    beaten: { type: 'array', items: sourcedValue, description: 'What it kept out, the strongest first' },
    united: { type: 'array', items: sourcedValue, description: 'Of a united value: what each fragment put in' },
  },
};

const link = {
  type: 'object',
  required: ['from', 'to', 'evidence'],
  properties: {
    from: identity,
    to: identity,
    evidence: {
      type: 'array',
      description: 'Who says so, the newest first',
      items: { type: 'object', properties: { datasetId: text, batchId: text, first: time, last: time } },
    },
  },
};

/** Explanations by the XID of the identity asked for. */
export const explanationsSchema = {
  type: 'object',
  additionalProperties: {
    type: 'object',
    required: ['entityId', 'identityGraph', 'attributeMerge', 'fields', 'fragments', 'identities'],
    properties: {
      entityId: text,
      mergePolicy: { type: 'object', properties: { id: text } },
      identityGraph: { type: 'object', properties: { type: text } },
      attributeMerge: { type: 'object', properties: { type: text, order: { type: 'array', items: text } } },
      fields: { type: 'array', items: field, description: 'One for each leaf of the merged profile' },
      fragments: {
        type: 'object',
        properties: {
          merged: { type: 'array', items: fragment, description: 'Best first' },
          leftOut: { type: 'array', items: fragment, description: 'Of datasets the policy does not name' },
        },
      },
      identities: {
        type: 'array',
        description: 'Every identity in scope; `chain`: the links that join it to the requested one',
        items: { ...identity, properties: { ...identity.properties, chain: { type: 'array', items: link } } },
      },
    },
  },
};
