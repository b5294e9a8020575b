import { Module, type DynamicModule } from '@nestjs/common';
import { JobCommands } from '@tessera/jobs';
import { AttributePublication, ComputedAttributeStore } from '@tessera/stores';
import { ComputedAttributesController } from './computed-attributes.controller.js';
import { ComputedAttributesService } from './computed-attributes.service.js';
import { OlderAttributesController } from './older-attributes.controller.js';
import { TENANT_NAME } from './tenant-name.token.js';

export interface ComputedAttributesParts {
  readonly attributes: ComputedAttributeStore;
  readonly publication: AttributePublication;
  readonly commands: JobCommands;
  readonly tenantName: string;
}

/** Computed attributes: their definitions and states. */
@Module({})
export class ComputedAttributesModule {
  static with({ attributes, publication, commands, tenantName }: ComputedAttributesParts): DynamicModule {
    return {
      module: ComputedAttributesModule,
      controllers: [ComputedAttributesController, OlderAttributesController],
      providers: [
        { provide: ComputedAttributeStore, useValue: attributes },
        { provide: AttributePublication, useValue: publication },
        { provide: JobCommands, useValue: commands },
        { provide: TENANT_NAME, useValue: tenantName },
        ComputedAttributesService,
      ],
    };
  }
}
