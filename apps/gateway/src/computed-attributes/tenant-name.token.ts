/** The tenant's name, under which computed attributes stand in profiles. */
export const TENANT_NAME = Symbol('tenant name');
