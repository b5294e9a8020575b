const text = { type: 'string' };

const profileSchema = {
  type: 'object',
  required: ['entityId', 'sources', 'entity', 'lastModifiedAt'],
  properties: {
    entityId: { ...text, description: 'XID of the requested identity' },
    requestedIdentity: {
      type: 'object',
      properties: { entityId: text, entityIdNS: { type: 'object', properties: { code: text } } },
    },
    mergePolicy: { type: 'object', properties: { id: text } },
    sources: { type: 'array', items: text, description: 'Ids of the datasets whose fragments were merged' },
    identityGraph: { type: 'array', items: text, description: 'XIDs in scope' },
    entity: { type: 'object', description: 'The merged profile' },
    lastModifiedAt: { ...text, format: 'date-time', description: 'Newest age among the merged fragments' },
  },
};

/** Profiles by the XID of the identity asked for. */
export const profilesSchema = { type: 'object', additionalProperties: profileSchema };
