import { Module, type DynamicModule } from '@nestjs/common';
import { DatasetStore, MergePolicyStore, type Database } from '@tessera/stores';
import { MergePolicyService } from '../merge-policies/merge-policy.service.js';
import { lookupProviders } from '../profile-access/lookup.providers.js';
import { PolicyPreviewController } from './policy-preview.controller.js';
import { PolicyPreviewService } from './policy-preview.service.js';

export interface PolicyPreviewParts {
  readonly database: Database;
  /** Related identities a lookup follows. */
  readonly maxIdentities: number;
}

/** Merge policies tried out on people. */
@Module({})
export class PolicyPreviewModule {
  static with({ database, maxIdentities }: PolicyPreviewParts): DynamicModule {
    const policies = new MergePolicyService(new MergePolicyStore(database), new DatasetStore(database));
    return {
      module: PolicyPreviewModule,
      controllers: [PolicyPreviewController],
      providers: [
        ...lookupProviders(database, maxIdentities),
        { provide: MergePolicyService, useValue: policies },
        PolicyPreviewService,
      ],
    };
  }
}
