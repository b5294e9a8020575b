/** The schemas that are there without anybody creating them (spec 03-ingestion, "Schemas"; 06-entities). */
export const builtInSchemas = {
  profile: 'https://ns.adobe.com/xdm/context/profile',
  event: 'https://ns.adobe.com/xdm/context/experienceevent',
} as const;

/** Schemas of business entities: merged like profiles, but looked up apart from them. */
export const businessSchemas = {
  account: 'https://ns.adobe.com/xdm/context/account',
  opportunity: 'https://ns.adobe.com/xdm/context/opportunity',
} as const;

/** The mark by which fragments of a business entity are kept apart from those of people, which carry none. */
export function businessSchemaOf(schemaId: string): string | undefined {
  return Object.values<string>(businessSchemas).find((id) => id === schemaId);
}
