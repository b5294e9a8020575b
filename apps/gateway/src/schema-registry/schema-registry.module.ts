import { Module, type DynamicModule } from '@nestjs/common';
import { DatasetStore, NamespaceStore, SchemaStore } from '@tessera/stores';
import { DescriptorsController } from './descriptors.controller.js';
import { DescriptorsService } from './descriptors.service.js';
import { SchemasController } from './schemas.controller.js';
import { SchemasService } from './schemas.service.js';
import { UnionsController } from './unions.controller.js';

export interface SchemaRegistryParts {
  readonly schemas: SchemaStore;
  readonly datasets: DatasetStore;
  readonly namespaces: NamespaceStore;
}

/** The schema registry of the gateway. */
@Module({})
export class SchemaRegistryModule {
  static with({ schemas, datasets, namespaces }: SchemaRegistryParts): DynamicModule {
    return {
      module: SchemaRegistryModule,
      controllers: [SchemasController, DescriptorsController, UnionsController],
      providers: [
        { provide: SchemaStore, useValue: schemas },
        { provide: DatasetStore, useValue: datasets },
        { provide: NamespaceStore, useValue: namespaces },
        SchemasService,
        DescriptorsService,
      ],
    };
  }
}
