import { businessSchemas } from './schemas.js';

/** What clients call the class of people's profiles. */
export const profileSchemaName = '_xdm.context.profile';
/** What clients call the class of events. */
export const eventSchemaName = '_xdm.context.experienceevent';

/** The record classes that are looked up, by the name clients use, with the schema that marks their fragments. */
export const recordSchemas: Readonly<Record<string, string | undefined>> = {
  [profileSchemaName]: undefined,
  '_xdm.context.account': businessSchemas.account,
  '_xdm.context.opportunity': businessSchemas.opportunity,
};

/** Names of {@link recordSchemas}, for the validation of requests. */
export const recordSchemaNames = Object.keys(recordSchemas);
