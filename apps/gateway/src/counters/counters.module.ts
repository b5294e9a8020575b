import { Module, type DynamicModule } from '@nestjs/common';
import type { BacklogReader } from '@tessera/messaging';
import type { LedgerReader } from '@tessera/stores';
import { BACKLOG, CountersController, LEDGER } from './counters.controller.js';

@Module({})
export class CountersModule {
  static with(ledger: LedgerReader, backlog: BacklogReader): DynamicModule {
    return {
      module: CountersModule,
      controllers: [CountersController],
      providers: [
        { provide: LEDGER, useValue: ledger },
        { provide: BACKLOG, useValue: backlog },
      ],
    };
  }
}
