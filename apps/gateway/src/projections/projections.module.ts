import { Module, type DynamicModule } from '@nestjs/common';
import type { ProjectionStore } from '@tessera/stores';
import { ConfigurationsController } from './configurations.controller.js';
import { DestinationsController } from './destinations.controller.js';
import { ProjectionsService } from './projections.service.js';

export interface ProjectionsParts {
  readonly projections: ProjectionStore;
  /** Names of the data centres that the platform has edges in. */
  readonly dataCenters: readonly string[];
}

/** What edges hold, and where. */
@Module({})
export class ProjectionsModule {
  static with({ projections, dataCenters }: ProjectionsParts): DynamicModule {
    return {
      module: ProjectionsModule,
      controllers: [DestinationsController, ConfigurationsController],
      providers: [{ provide: ProjectionsService, useValue: new ProjectionsService(projections, dataCenters) }],
    };
  }
}
