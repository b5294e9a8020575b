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

const eventSchema = {
  type: 'object',
  required: ['relatedEntityId', 'entityId', 'timestamp', 'entity', 'lastModifiedAt'],
  properties: {
    relatedEntityId: { ...text, description: 'XID of the requested identity' },
    entityId: { ...text, description: 'The `_id` of the event' },
    timestamp: { type: 'integer', description: 'Epoch ms' },
    entity: { type: 'object', description: 'The event' },
    lastModifiedAt: { ...text, format: 'date-time', description: 'When the event was accepted' },
  },
};

/** A page of one profile's events. */
export const eventPageSchema = {
  type: 'object',
  required: ['_page', 'children', '_links'],
  properties: {
    _page: {
      type: 'object',
      properties: {
        orderby: { type: 'string', enum: ['timestamp', '-timestamp'] },
        start: { ...text, description: 'Id of the first event of the page' },
        count: { type: 'integer', description: 'Events on this page' },
        next: { ...text, description: 'Token of the next page; empty on the last' },
      },
    },
    children: { type: 'array', items: eventSchema },
    _links: {
      type: 'object',
      properties: {
        next: {
          type: 'object',
          properties: {
            href: { ...text, description: 'Its query fetches the next page; empty on the last' },
            payload: { type: 'object', description: 'To POST: the body that fetches the next page' },
          },
        },
      },
    },
  },
};

/** What `GET` answers: profiles or, for the schema of events, a page. */
export const accessAnswerSchema = { anyOf: [profilesSchema, eventPageSchema] };

/** What `POST` answers, by XID: a profile, a page of events, or what went wrong. */
export const manyAccessAnswerSchema = {
  type: 'object',
  additionalProperties: {
    anyOf: [
      profileSchema,
      eventPageSchema,
      { type: 'object', required: ['error'], properties: { error: { type: 'object', description: 'A problem' } } },
    ],
  },
};
