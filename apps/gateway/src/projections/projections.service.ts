import { randomUUID } from 'node:crypto';
import type { Tenant } from '@tessera/contracts';
import {
  MOST_PROJECTIONS,
  withChangedConfiguration,
  withChangedDestination,
  withNewConfiguration,
  withNewDestination,
  withoutConfiguration,
  withoutDestination,
  type ConfigurationSettings,
  type DestinationSettings,
  type ProjectionChange,
  type ProjectionConfiguration,
  type ProjectionDestination,
  type ProjectionRefusal,
  type ProjectionSet,
} from '@tessera/domain';
import { problem, type ProblemError } from '@tessera/http';
import type { ProjectionStore } from '@tessera/stores';

/** A configuration with the destination it names. */
export interface PlacedConfiguration {
  readonly configuration: ProjectionConfiguration;
  readonly destination: ProjectionDestination;
}

/** Reads and changes the destinations and projection configurations of a sandbox (spec 10-projections). */
export class ProjectionsService {
  constructor(
    private readonly store: ProjectionStore,
    private readonly dataCenters: readonly string[],
  ) {}

  async destinations(tenant: Tenant): Promise<readonly ProjectionDestination[]> {
    return (await this.store.find(tenant)).destinations;
  }

  /** @throws ProblemError `unknown-destination`. */
  async destination(tenant: Tenant, id: string): Promise<ProjectionDestination> {
    const found = (await this.destinations(tenant)).find((destination) => destination.id === id);
    if (found === undefined) throw refusal('unknown-destination');
    return found;
  }

  /** @throws ProblemError `invalid-body` for data centres there are not, `too-many-projections`. */
  async createDestination(tenant: Tenant, settings: DestinationSettings): Promise<ProjectionDestination> {
    this.checkDataCenters(settings);
    return this.change(tenant, (set) => withNewDestination(set, randomUUID(), settings));
  }

  /** @throws ProblemError `invalid-body`, `unknown-destination`, `projection-changed`. */
  async changeDestination(
    tenant: Tenant,
    id: string,
    version: number,
    settings: DestinationSettings,
  ): Promise<ProjectionDestination> {
    this.checkDataCenters(settings);
    return this.change(tenant, (set) => withChangedDestination(set, id, version, settings));
  }

  /** @throws ProblemError `unknown-destination`, `destination-in-use`. */
  async removeDestination(tenant: Tenant, id: string): Promise<void> {
    await this.change(tenant, (set) => withoutDestination(set, id));
  }

  async configurations(tenant: Tenant): Promise<PlacedConfiguration[]> {
    const set = await this.store.find(tenant);
    return set.configurations.map((configuration) => placed(configuration, set.destinations));
  }

  /** @throws ProblemError `unknown-projection`. */
  async configuration(tenant: Tenant, id: string): Promise<PlacedConfiguration> {
    const found = (await this.configurations(tenant)).find(({ configuration }) => configuration.id === id);
    if (found === undefined) throw refusal('unknown-configuration');
    return found;
  }

  /** @throws ProblemError `invalid-body` for a destination at fault, `projection-exists`, `too-many-projections`. */
  async createConfiguration(
    tenant: Tenant,
    schemaName: string,
    settings: ConfigurationSettings,
  ): Promise<PlacedConfiguration> {
    return this.changePlaced(tenant, (set) => withNewConfiguration(set, { id: randomUUID(), schemaName }, settings));
  }

  /** @throws ProblemError `invalid-body`, `unknown-projection`, `projection-exists`, `projection-changed`. */
  async changeConfiguration(
    tenant: Tenant,
    id: string,
    version: number,
    settings: ConfigurationSettings,
  ): Promise<PlacedConfiguration> {
    return this.changePlaced(tenant, (set) => withChangedConfiguration(set, id, version, settings));
  }

  /** @throws ProblemError `unknown-projection`. */
  async removeConfiguration(tenant: Tenant, id: string): Promise<void> {
    await this.change(tenant, (set) => withoutConfiguration(set, id));
  }

  private async change<Subject>(
    tenant: Tenant,
    decide: (set: ProjectionSet) => ProjectionChange<Subject>,
  ): Promise<Subject> {
    const change = await this.store.change(tenant, decide);
    if (change.kind === 'refused') throw refusal(change.reason);
    return change.subject;
  }

  private async changePlaced(
    tenant: Tenant,
    decide: (set: ProjectionSet) => ProjectionChange<ProjectionConfiguration>,
  ): Promise<PlacedConfiguration> {
    const change = await this.store.change(tenant, decide);
    if (change.kind === 'refused') throw refusal(change.reason);
    return placed(change.subject, change.set.destinations);
  }

  private checkDataCenters({ dataCenters }: DestinationSettings): void {
    const errors = dataCenters.flatMap((name, index) =>
      this.dataCenters.includes(name)
        ? []
        : [{ path: `/dataCenters/${index}`, message: `must be one of ${this.dataCenters.join(', ')}` }],
    );
    if (errors.length === 0) return;
    throw problem('invalid-body', { detail: 'Some data centres are not ones the platform has.', errors });
  }
}

function placed(
  configuration: ProjectionConfiguration,
  destinations: readonly ProjectionDestination[],
): PlacedConfiguration {
  const destination = destinations.find(({ id }) => id === configuration.destinationId);
  if (destination === undefined) throw new Error('a configuration is stored with its destination');
  return { configuration, destination };
}

function refusal(reason: ProjectionRefusal): ProblemError {
  switch (reason) {
    case 'unknown-destination':
      return problem('unknown-destination', { detail: 'The sandbox has no projection destination of this id.' });
    case 'unknown-configuration':
      return problem('unknown-projection', { detail: 'The sandbox has no projection configuration of this id.' });
    case 'stale-version':
      return problem('projection-changed', {
        detail: 'The change was made from a version that is not the current one; read it again and repeat the change.',
      });
    case 'name-taken':
      return problem('projection-exists', {
        detail: 'Another projection configuration of the schema has this name; choose another.',
      });
    case 'destination-missing':
      return problem('invalid-body', {
        detail: 'The configuration names a destination that the sandbox does not have; create it first.',
        errors: [{ path: '/destinationId', message: 'is not a destination of this sandbox' }],
      });
    case 'destination-in-use':
      return problem('destination-in-use', {
        detail: 'A projection configuration uses the destination; delete it, or give it another one, first.',
      });
    case 'too-many':
      return problem('too-many-projections', {
        detail: `The sandbox has ${MOST_PROJECTIONS} of them, the most it may have; delete one first.`,
      });
  }
}
