import type { Deletion, DeletedFigures, FiguresOf } from '@tessera/stores';
import type { Follower } from './follower.js';
import type { RemovalContext } from './removal.js';

/** Figures of computed attributes that deleted events were counted in: outdated at once, and counted anew. */
export class ComputedValues implements Follower {
  readonly store = 'computedValues';

  constructor(private readonly figures: DeletedFigures) {}

  remove({ tenant, subject, at }: Deletion): Promise<number> {
    const of = figuresOf(subject);
    return of ? this.figures.outdate(tenant, of, at) : Promise.resolve(0);
  }

  remaining({ deletion: { tenant, subject, at } }: Pick<RemovalContext, 'deletion'>): Promise<number> {
    const of = figuresOf(subject);
    return of ? this.figures.count(tenant, of, at) : Promise.resolve(0);
  }
}

function figuresOf(subject: Deletion['subject']): FiguresOf | undefined {
  switch (subject.kind) {
    case 'dataset':
      return { datasetId: subject.datasetId };
    case 'batch':
      return { batchId: subject.batchId };
    case 'person':
      return { xids: subject.members.map(({ xid }) => xid) };
    case 'sandbox':
      return undefined;
  }
}
