import { eventSchemaName, profileSchemaName, recordSchemaNames } from '@tessera/domain';
import { LIST_MAXIMUM } from '@tessera/http';

/** Body of `POST` on the entities: of many profiles, or of many profiles' events. Matches {@link accessBodySchema}. */
export interface AccessBody {
  readonly schema: { readonly name: string };
  readonly relatedSchema?: { readonly name: string };
  readonly fields?: readonly string[];
  /** Each is checked for itself. */
  readonly identities: readonly unknown[];
  readonly mergePolicyId?: string;
  readonly timeFilter?: { readonly startTime?: number; readonly endTime?: number };
  readonly limit?: number;
  readonly orderby?: string;
  readonly orderBy?: string;
  readonly withCA?: boolean | string;
}

const order = { type: 'string', pattern: '^[ +-]?timestamp$', description: 'timestamp, +timestamp or -timestamp' };
const instant = { type: 'integer', description: 'Epoch ms' };

export const accessBodySchema = {
  type: 'object',
  required: ['schema', 'identities'],
  properties: {
    schema: {
      type: 'object',
      required: ['name'],
      properties: { name: { type: 'string', enum: [...recordSchemaNames, eventSchemaName] } },
    },
    relatedSchema: {
      type: 'object',
      required: ['name'],
      properties: { name: { type: 'string', enum: [profileSchemaName] } },
      description: 'Required for events',
    },
    fields: {
      type: 'array',
      items: { type: 'string', minLength: 1 },
      description: 'Selectors of what is shown; all when absent or empty',
    },
    identities: {
      type: 'array',
      minItems: 1,
      description: 'As many as the platform is configured to take in one call, 1,000 unless told otherwise',
      items: {
        description:
          'An object with entityId and, unless that is an XID, entityIdNS {code}; for events relatedEntityId, relatedEntityIdNS and the token start',
      },
    },
    mergePolicyId: { type: 'string', minLength: 1, description: 'The default policy when absent' },
    timeFilter: {
      type: 'object',
      properties: { startTime: instant, endTime: instant },
      description: 'Only events from startTime (inclusive) to endTime (exclusive)',
    },
    limit: { type: 'integer', minimum: 1, maximum: LIST_MAXIMUM, description: 'Events on one page of one profile' },
    orderby: order,
    orderBy: order,
    withCA: { enum: [true, false, 'true', 'false'], description: 'Whether computed attributes are added' },
  },
  if: {
    type: 'object',
    properties: { schema: { type: 'object', properties: { name: { const: eventSchemaName } }, required: ['name'] } },
    required: ['schema'],
  },
  then: { required: ['relatedSchema'] },
} as const;
