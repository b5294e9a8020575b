import type { ProjectionConfiguration, ProjectionDestination } from '@tessera/domain';

export const DESTINATIONS_PATH = '/data/core/ups/config/destinations';
export const CONFIGURATIONS_PATH = '/data/core/ups/config/projections';

export const link = (href: string) => ({ href, templated: false });

/** A destination as the published API answers it. */
export function destinationAnswer(destination: ProjectionDestination) {
  return { self: destinationLink(destination.id), ...shownDestination(destination) };
}

/** A destination as an item of the list, which has its link elsewhere. */
export function listedDestination(destination: ProjectionDestination) {
  return { _links: { self: destinationLink(destination.id) }, ...shownDestination(destination) };
}

/** A configuration with the destination it names. */
export function configurationAnswer(configuration: ProjectionConfiguration, destination: ProjectionDestination) {
  const { id, schemaName, name, selector, destinationId, version } = configuration;
  return {
    _links: { destination: destinationLink(destinationId), self: link(`${CONFIGURATIONS_PATH}/${id}`) },
    _embedded: { destination: destinationAnswer(destination) },
    selector,
    version,
    id,
    schemaName,
    name,
    destinationId,
  };
}

function shownDestination({ id, type, ttl, dataCenters, replicationPolicy, version }: ProjectionDestination) {
  return { id, type, ttl, dataCenters, replicationPolicy, version };
}

function destinationLink(id: string) {
  return link(`${DESTINATIONS_PATH}/${id}`);
}
