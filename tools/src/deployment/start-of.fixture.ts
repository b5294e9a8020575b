import { ownMemoryFlags, type ServiceName } from '@tessera/testing';

/** The command that starts a service in the image, whose entry point is Node with the flags of all services. */
export function startOf(service: ServiceName): string[] {
  return [...ownMemoryFlags(service), `apps/${service}/main.js`];
}
