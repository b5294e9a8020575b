import { Module, type DynamicModule } from '@nestjs/common';
import type { JobCommands } from '@tessera/jobs';
import { DatasetStore } from '@tessera/stores';
import { CatalogController } from './catalog.controller.js';
import { CatalogService, JOB_COMMANDS, SCHEMA_LOOKUP } from './catalog.service.js';
import { builtInSchemas, type SchemaLookup } from './schema-lookup.js';

export interface CatalogParts {
  readonly datasets: DatasetStore;
  /** The schemas datasets may have; the built-in ones when absent. */
  readonly schemas?: SchemaLookup;
  /** Tells workers of deletions at once; they find them by themselves otherwise, seconds later. */
  readonly commands?: JobCommands;
}

/** The catalogue of the gateway. */
@Module({})
export class CatalogModule {
  static with({ datasets, schemas = builtInSchemas, commands }: CatalogParts): DynamicModule {
    return {
      module: CatalogModule,
      controllers: [CatalogController],
      providers: [
        { provide: DatasetStore, useValue: datasets },
        { provide: SCHEMA_LOOKUP, useValue: schemas },
        { provide: JOB_COMMANDS, useValue: commands },
        CatalogService,
      ],
    };
  }
}
