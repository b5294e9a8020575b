import { Module, type DynamicModule } from '@nestjs/common';
import type { DeadLetterStore } from '@tessera/stores';
import { DEAD_LETTERS, DeadLettersController } from './dead-letters.controller.js';
import { REPLAY_PARTS, ReplayService, type ReplayParts } from './replay.service.js';
import { ReplaysController } from './replays.controller.js';

export interface DeadLettersParts extends ReplayParts {
  readonly deadLetters: DeadLetterStore;
}

@Module({})
export class DeadLettersModule {
  static with({ deadLetters, ...replayParts }: DeadLettersParts): DynamicModule {
    return {
      module: DeadLettersModule,
      controllers: [DeadLettersController, ReplaysController],
      providers: [
        { provide: DEAD_LETTERS, useValue: deadLetters },
        { provide: REPLAY_PARTS, useValue: replayParts },
        ReplayService,
      ],
    };
  }
}
