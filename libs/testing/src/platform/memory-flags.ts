import type { ServiceName } from './service-instance.js';

/**
 * How a service's memory is kept, as in the image (`deploy/Dockerfile`): a heap that is enough at full load and small
 * enough that a leak shows (spec 14-quality). What records and queries leave behind dies young, so neither generation needs
 * much room; one thread beside the service's own collects: requests wait while every core does. What is under way for some
 * hundred milliseconds grows old all the same, and each time the heap is marked for it, half a million objects of code are
 * marked too: so it is marked when it is twice as large as after the last time, not one and a half times. Source
 * maps would take a quarter of the gateway's heap, and be marked with it each time.
 */
export const memoryFlags: readonly string[] = [
  '--max-old-space-size=320',
  '--initial-old-space-size=64',
  '--heap-growing-percent=100',
  '--max-semi-space-size=16',
  '--v8-pool-size=1',
];

/**
 * Of files, some thousand rows are under way at once: where they do not fit into the young generation, each collection
 * copies most of them, twice, and then they are old. That took a third of the ingestion worker's processor time.
 */
const own: Readonly<Partial<Record<ServiceName, readonly string[]>>> = {
  'ingestion-worker': ['--min-semi-space-size=32', '--max-semi-space-size=32'],
};

/** What a service is started with after {@link memoryFlags} and before its name. */
export function ownMemoryFlags(service: ServiceName): readonly string[] {
  return own[service] ?? [];
}
