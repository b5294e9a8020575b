/** Shapes of identities, clusters and graphs (spec 04-identity, "Endpoints"). */
const text = { type: 'string' };
const MOST_RECORDS = 1_000;

const value = { type: 'string', minLength: 1, maxLength: 4_096 };
const code = { type: 'string', minLength: 1, maxLength: 128 };
const namespaceId = { type: ['integer', 'string'], pattern: '^[0-9]{1,15}$', description: 'Id of a namespace' };
const list = (items: object) => ({ type: 'array', minItems: 1, maxItems: MOST_RECORDS, items });

const xids = list({ type: 'string', minLength: 1 });
const compositeXids = (name: 'namespace' | 'ns') =>
  list({
    type: 'object',
    required: ['id'],
    anyOf: [{ required: ['nsid'] }, { required: [name] }],
    properties: { nsid: namespaceId, [name]: code, id: value },
  });

/** How clients name the graphs; `Private Graph` is an older word for `pdg`. */
const graphTypes = ['none', 'None', 'pdg', 'Private Graph'];
const graphType = { type: 'string', enum: graphTypes, description: 'pdg when absent; none: each identity alone' };

export const identityParameters = {
  namespace: { ...code, description: 'Code of the namespace' },
  nsid: { type: 'integer', minimum: 0, description: 'Id of the namespace; not looked at where its code is given' },
  id: { ...value, description: 'Value in the namespace' },
};

export const clusterParameters = {
  xid: { ...text, minLength: 1, description: 'XID, in place of a value and its namespace' },
  ...identityParameters,
  ns: { ...code, description: 'The same as namespace' },
  nsId: { type: 'integer', minimum: 0, description: 'The same as nsid' },
  'graph-type': graphType,
};

export const clustersBodySchema = {
  type: 'object',
  anyOf: [{ required: ['xids'] }, { required: ['compositeXids'] }, { required: ['compositeXidsWithNamespace'] }],
  properties: {
    xids,
    compositeXids: compositeXids('namespace'),
    compositeXidsWithNamespace: compositeXids('namespace'),
    'graph-type': graphType,
  },
  example: { compositeXids: [{ nsid: 6, id: 'ada@example.com' }], 'graph-type': 'pdg' },
};

export const graphBodySchema = {
  type: 'object',
  anyOf: [{ required: ['xids'] }, { required: ['composite_xids'] }, { required: ['composite_xid'] }],
  properties: {
    xids,
    composite_xids: compositeXids('ns'),
    composite_xid: compositeXids('ns'),
    projection_type: { type: 'string', enum: ['set', 'graph'], description: 'set when absent' },
    graph_type: graphType,
    require_edge_meta_data: {
      type: 'boolean',
      description: 'false leaves out which datasets and batches assert a link',
    },
  },
  example: { composite_xids: [{ ns: 'Email', id: 'ada@example.com' }], projection_type: 'graph' },
};

export const identityAnswerSchema = { type: 'object', required: ['xid'], properties: { xid: text } };

const composite = {
  type: 'object',
  properties: { nsid: { type: 'integer' }, namespace: text, ns: text, id: text },
};
const shown = { oneOf: [text, composite], description: 'In the form of the request' };

export const clustersAnswerSchema = {
  type: 'object',
  required: ['version', 'clusters', 'unprocessedRecords'],
  properties: {
    version: text,
    clusters: {
      type: 'array',
      items: {
        type: 'object',
        required: ['members'],
        properties: { xid: text, compositeXid: composite, members: { type: 'array', items: shown } },
      },
    },
    unprocessedRecords: {
      type: 'array',
      items: shown,
      description: 'What is no identity, or none that was ever seen',
    },
  },
};

const time = { type: 'integer', description: 'Epoch milliseconds' };
const ids = { type: 'array', items: text };

export const graphAnswerSchema = {
  type: 'object',
  required: ['version', 'graphs'],
  properties: {
    version: text,
    graphs: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          xid: text,
          composite_xid: composite,
          members: { type: 'array', items: shown },
          vertices: {
            type: 'array',
            items: { type: 'object', properties: { xid: text, composite_xid: composite, last_updated_ts: time } },
          },
          edges: {
            type: 'array',
            items: {
              type: 'object',
              properties: {
                xid_pair: ids,
                composite_xid_pair: { type: 'array', items: composite },
                first_established_ts: time,
                last_established_ts: time,
                dataset_ids: ids,
                batch_ids: ids,
              },
            },
          },
        },
      },
    },
    unprocessed_xids: ids,
    unprocessed_composite_xids: { type: 'array', items: composite },
  },
};
