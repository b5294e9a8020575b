import { Module, type DynamicModule } from '@nestjs/common';
import type { Database } from '@tessera/stores';
import { ExplainController } from './explain.controller.js';
import { lookupProviders } from './lookup.providers.js';
import { ExplainService } from './explain.service.js';

export interface ExplainParts {
  readonly database: Database;
  /** Related identities a lookup follows. */
  readonly maxIdentities: number;
}

/** Explanations of merged profiles. */
@Module({})
export class ExplainModule {
  static with({ database, maxIdentities }: ExplainParts): DynamicModule {
    return {
      module: ExplainModule,
      controllers: [ExplainController],
      providers: [...lookupProviders(database, maxIdentities), ExplainService],
    };
  }
}
