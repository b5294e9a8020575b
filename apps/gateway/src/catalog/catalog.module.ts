import { Module, type DynamicModule } from '@nestjs/common';
import { DatasetStore } from '@tessera/stores';
import { CatalogController } from './catalog.controller.js';
import { CatalogService, SCHEMA_LOOKUP } from './catalog.service.js';
import { builtInSchemas, type SchemaLookup } from './schema-lookup.js';

export interface CatalogParts {
  readonly datasets: DatasetStore;
  /** The schemas datasets may have; the built-in ones when absent. */
  readonly schemas?: SchemaLookup;
}

/** The catalogue of the gateway. */
@Module({})
export class CatalogModule {
  static with({ datasets, schemas = builtInSchemas }: CatalogParts): DynamicModule {
    return {
      module: CatalogModule,
      controllers: [CatalogController],
      providers: [
        { provide: DatasetStore, useValue: datasets },
        { provide: SCHEMA_LOOKUP, useValue: schemas },
        CatalogService,
      ],
    };
  }
}
