import type { z } from 'zod';

/** The environment does not describe a runnable service. The message names every fault, one a line. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/**
 * Reads a service's configuration once, at its start. An empty variable counts as absent, so that a template with blanks
 * falls back to the defaults.
 *
 * @throws ConfigurationError naming every missing or malformed variable.
 */
export function loadConfiguration<Schema extends z.ZodType>(
  schema: Schema,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): z.infer<Schema> {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new ConfigurationError(`The configuration has ${faults.length} fault(s):\n${faults.join('\n')}`);
}

/**
 * Reads the configuration at the start of a service. One that is not right ends the process with code 1 and says on
 * standard error what is wrong, and nothing else: it is for whoever runs the service to read.
 */
export function configurationOrExit<Schema extends z.ZodType>(schema: Schema): z.infer<Schema> {
  try {
    return loadConfiguration(schema);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
