import { businessSchemas } from '@tessera/domain';

/** The record classes that are looked up, by the name clients use, with the schema that marks their fragments. */
export const recordSchemas: Readonly<Record<string, string | undefined>> = {
  '_xdm.context.profile': undefined,
  '_xdm.context.account': businessSchemas.account,
  '_xdm.context.opportunity': businessSchemas.opportunity,
};

/** Names of {@link recordSchemas}, for the validation of requests. */
export const recordSchemaNames = Object.keys(recordSchemas);
