import { Module, type DynamicModule } from '@nestjs/common';
import type { DeadLetterReader } from '@tessera/stores';
import { DEAD_LETTERS, DeadLettersController } from './dead-letters.controller.js';

@Module({})
export class DeadLettersModule {
  static with(deadLetters: DeadLetterReader): DynamicModule {
    return {
      module: DeadLettersModule,
      controllers: [DeadLettersController],
      providers: [{ provide: DEAD_LETTERS, useValue: deadLetters }],
    };
  }
}
