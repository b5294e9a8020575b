import type { CatalogueEntry } from './catalogue.js';

/** Errors of what operators do. */
export const operationsProblems = {
  'unknown-dead-letter': {
    status: 404,
    code: 'TSR-OPS-0404',
    title: 'Unknown dead letter',
    help: 'The sandbox has no dead letter of this id; it may have been replayed, deleted or forgotten.',
  },
  'replay-under-way': {
    status: 409,
    code: 'TSR-OPS-0409',
    title: 'Replay under way',
    help: 'The dead letter is being replayed and has no outcome yet; look at it again in a moment.',
  },
  'unknown-job': {
    status: 404,
    code: 'TSR-OPS-1404',
    title: 'Unknown system job',
    help: 'The sandbox has no system job of this id.',
  },
  'unknown-queue-entry': {
    status: 404,
    code: 'TSR-OPS-2404',
    title: 'Unknown queue or entry',
    help: 'The board of queues has no queue of this name, or the queue no entry of this id; entries go some time after they have ended.',
  },
  'unknown-report': {
    status: 404,
    code: 'TSR-SMP-0404',
    title: 'Unknown report',
    help: 'The sandbox has no report of this day, or none at all yet; ask for a sample.',
  },
} as const satisfies Record<string, CatalogueEntry>;
