import { Module, type DynamicModule } from '@nestjs/common';
import type { DatasetReader, MergePolicyStore } from '@tessera/stores';
import { MergePoliciesController } from './merge-policies.controller.js';
import { MergePolicyService } from './merge-policy.service.js';

export interface MergePoliciesParts {
  readonly policies: MergePolicyStore;
  readonly datasets: DatasetReader;
}

/** Merge policies over HTTP. */
@Module({})
export class MergePoliciesModule {
  static with({ policies, datasets }: MergePoliciesParts): DynamicModule {
    return {
      module: MergePoliciesModule,
      controllers: [MergePoliciesController],
      providers: [{ provide: MergePolicyService, useValue: new MergePolicyService(policies, datasets) }],
      exports: [MergePolicyService],
    };
  }
}
