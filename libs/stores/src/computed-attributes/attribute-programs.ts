import { LRUCache } from 'lru-cache';
import { PqlProgram } from '@tessera/pql';
import type { ComputedAttribute } from './computed-attribute.js';

/** Expressions ready to be evaluated, remembered: reading one takes longer than evaluating it. */
export class AttributePrograms {
  private readonly programs = new LRUCache<string, PqlProgram>({ max: 5_000 });

  /** @throws PqlError for an expression that was checked by rules of another version. */
  of({ expression }: Pick<ComputedAttribute, 'expression'>): PqlProgram {
    const known = this.programs.get(expression);
    if (known) return known;
    const program = new PqlProgram(expression);
    this.programs.set(expression, program);
    return program;
  }
}
