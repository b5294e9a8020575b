import { Module, type DynamicModule } from '@nestjs/common';
import { NamespaceStore } from '@tessera/stores';
import { NamespacesController } from './namespaces.controller.js';
import { NamespacesService } from './namespaces.service.js';

export interface NamespacesParts {
  readonly namespaces: NamespaceStore;
}

/** Identity namespaces of the gateway. */
@Module({})
export class NamespacesModule {
  static with({ namespaces }: NamespacesParts): DynamicModule {
    return {
      module: NamespacesModule,
      controllers: [NamespacesController],
      providers: [{ provide: NamespaceStore, useValue: namespaces }, NamespacesService],
    };
  }
}
