import type { ProfileChange, Tenant } from '@tessera/contracts';
import { defaultGraphLimits, type GraphLimits } from '@tessera/domain';
import type { Database } from '../database.js';
import { graphCollections } from './graph-collections.js';
import type { Place } from './graph-neighbourhood.js';
import type { GraphCounts } from './graph-result.js';
import type { GraphTask } from './graph-task.js';
import { GraphTransaction } from './graph-transaction.js';
import { IdentitySettingsRepository } from './identity-settings.js';
import type { NamespaceTypes } from './namespace-types.js';
import { NOBODY, sumOfCounts, type PeopleCount } from '../samples/people-counter.js';
import type { Withdrawal } from './planned-links.js';
import {
  newSessions,
  TransactionRunner,
  type SessionLender,
  type TransactionRunnerOptions,
} from './transaction-runner.js';

export interface IdentityGraphOptions {
  readonly namespaces: NamespaceTypes;
  /** A new session for each transaction when not said. */
  readonly sessions?: SessionLender;
  readonly limits?: GraphLimits;
  readonly transactions?: Partial<TransactionRunnerOptions>;
}

/** What the transactions of some tasks did, taken together. */
export interface GraphTaskResult {
  /** Where everyone concerned now belongs, by XID. */
  readonly places: ReadonlyMap<string, Pick<Place, 'clusterId' | 'members'>>;
  /** In the order in which they were made. */
  readonly changes: readonly ProfileChange[];
  readonly announcements: readonly string[];
  readonly counts: Omit<GraphCounts, 'refreshed' | 'linked'>;
  /** How many people, and identities, there are more than before. */
  readonly growth: PeopleCount;
}

const MAX_TASKS = 100;
const MAX_WEIGHT = 1_500;

/** Carries out tasks, as many in one transaction as is reasonable. */
export class GraphTaskRunner {
  private readonly transaction: GraphTransaction;
  private readonly runner: TransactionRunner;

  constructor(
    database: Database,
    { namespaces, sessions, limits = defaultGraphLimits, transactions = {} }: IdentityGraphOptions,
  ) {
    const settings = new IdentitySettingsRepository(database);
    this.transaction = new GraphTransaction(graphCollections(database), settings, namespaces, limits);
    this.runner = new TransactionRunner(sessions ?? newSessions(database.client), transactions);
  }

  /**
   * @param weightOf about how many documents a task concerns.
   * @throws UnavailableError when the store is, or when others would not let go of the same components; some tasks may be
   * done then, and all may be repeated.
   */
  async run(
    tenant: Tenant,
    tasks: readonly GraphTask[],
    weightOf: (task: GraphTask) => number,
    withdrawal?: Withdrawal,
  ): Promise<GraphTaskResult> {
    const { results, retries } = await this.runner.run(bundlesOf(tasks, weightOf), (some, session) =>
      this.transaction.run(tenant, some, session, withdrawal),
    );
    const total = (count: 'registered' | 'leftOut' | 'evicted' | 'dropped' | 'withdrawn') =>
      results.reduce((sum, result) => sum + result[count], 0);
    return {
      places: new Map(results.flatMap(({ places }) => [...places])),
      changes: results.flatMap(({ changes }) => changes),
      announcements: results.flatMap(({ announcement }) => announcement ?? []),
      growth: results.reduce((sum, { growth }) => sumOfCounts(sum, growth), NOBODY),
      counts: {
        registered: total('registered'),
        leftOut: total('leftOut'),
        evicted: total('evicted'),
        dropped: total('dropped'),
        withdrawn: total('withdrawn'),
        transactions: results.length,
        retries,
      },
    };
  }
}

function bundlesOf(tasks: readonly GraphTask[], weightOf: (task: GraphTask) => number): GraphTask[][] {
  const bundles: GraphTask[][] = [];
  let weight = Infinity;
  for (const task of tasks) {
    const added = weightOf(task);
    const bundle = bundles.at(-1);
    if (bundle && bundle.length < MAX_TASKS && weight + added <= MAX_WEIGHT) {
      bundle.push(task);
      weight += added;
    } else {
      bundles.push([task]);
      weight = added;
    }
  }
  return bundles;
}
