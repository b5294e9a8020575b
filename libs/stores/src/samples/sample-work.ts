import type { IdentityGraphType, SampleTally } from '@tessera/domain';
import type { DeletionFence } from '../deletions/deletion-fence.js';
import type { Snapshot } from '../people-scan/snapshots.js';
import type { PeopleCount } from './people-counter.js';

/** Everything that decides what a sample finds, settled when it begins: whoever goes on with it finds the same. */
export interface SampleWork {
  /** Counts the times the sample had to begin anew because the store had forgotten its snapshot. */
  readonly generation: number;
  /** Absent once beginning anew is given up: then each range is read at a moment of its own. */
  readonly snapshot?: Snapshot;
  /** When it began, epoch ms. */
  readonly at: number;
  readonly ratio: number;
  readonly graph: IdentityGraphType;
  /** Ids of the datasets whose records make profiles; absent: of all, and in older ones. */
  readonly order?: readonly string[];
  /** How profiles are merged, as answers name it. */
  readonly mergeStrategy: string;
  /** Ranges of people it is divided into. */
  readonly ranges: number;
  /** What must not be counted although the snapshot has it, as deletions were about to remove it; absent in older ones. */
  readonly fences?: readonly DeletionFence[];
  /** What was kept of the number of people when it began. */
  readonly kept: PeopleCount;
}

/** What became of one range of people. */
export interface SamplePart {
  readonly index: number;
  readonly tally: SampleTally;
}
