/** Variables that belong to npm, to Node or to a shell rather than to a service. */
const foreign = /^(npm_|NODE_|INIT_CWD$|PORT$|HOST$|TESSERA_)/;

/** The part of this process's environment that configures the services, such as `LOG_LEVEL`. */
export function serviceEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !foreign.test(name)));
}
