const text = { type: 'string', minLength: 1 } as const;

/** Query of a lookup at an edge, as the gateway takes it and passes it on (spec 10-projections, "The edge"). */
export const edgeLookupParameters = {
  entityId: { ...text, description: 'An XID, or a value of the namespace entityIdNS' },
  entityIdNS: { ...text, description: 'Namespace code; entityIdNs is taken too' },
  entityIdNs: text,
  schemaName: { ...text, description: 'Schema of the projection; _xdm.context.profile when absent' },
} as const;

/** Matches {@link edgeLookupParameters}. */
export interface EdgeLookupQuery {
  readonly entityId: string;
  readonly entityIdNS?: string;
  readonly entityIdNs?: string;
  readonly schemaName?: string;
}
