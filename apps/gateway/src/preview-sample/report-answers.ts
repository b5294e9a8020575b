import { unstitchedPeriods } from '@tessera/domain';
import type { SampleReport } from '@tessera/stores';

/** Reports as published clients read them (spec 08-preview-sample). */

/** By dataset that contributes to profiles, in the order of ids. */
export function datasetReport(report: SampleReport) {
  const { tally, datasets } = report;
  const reportTimestamp = timestampOf(report);
  const byId = new Map(datasets.map((dataset) => [dataset.id, dataset]));
  return {
    data: tally.datasets.map(([value, { sample, full }]) => {
      const dataset = byId.get(value);
      return {
        sampleCount: sample,
        samplePercentage: share(sample, tally.sampled),
        fullIDsCount: full,
        fullIDsPercentage: share(full, tally.profiles),
        name: dataset?.name ?? '',
        description: dataset?.description ?? '',
        value,
        streamingIngestionEnabled: String(dataset?.streaming ?? false),
        createdUser: dataset?.createdUser ?? '',
        reportTimestamp,
      };
    }),
    reportTimestamp,
  };
}

/** By namespace of identities of profiles. */
export function namespaceReport(report: SampleReport) {
  const { tally, namespaces } = report;
  const reportTimestamp = timestampOf(report);
  const byKey = new Map(namespaces.map((namespace) => [namespace.key, namespace]));
  return {
    data: tally.namespaces.map(([key, { sample, full, fragments }]) => ({
      sampleCount: sample,
      samplePercentage: share(sample, tally.sampled),
      reportTimestamp,
      fullIDsFragmentCount: fragments,
      fullIDsCount: full,
      fullIDsPercentage: share(full, tally.profiles),
      code: byKey.get(key)?.code ?? key,
      value: byKey.get(key)?.id ?? 0,
    })),
    reportTimestamp,
  };
}

/** How many profiles each exact set of datasets contributes to. */
export function datasetOverlapReport(report: SampleReport) {
  return { data: Object.fromEntries(report.tally.datasetOverlap), reportTimestamp: timestampOf(report) };
}

/** How many profiles have identities of each exact set of namespaces. */
export function namespaceOverlapReport(report: SampleReport) {
  const codeOf = codesOf(report);
  const data = report.tally.namespaceOverlap.map(([keys, profiles]): [string, number] => [
    keys.split(',').map(codeOf).sort().join(','),
    profiles,
  ]);
  return { data: Object.fromEntries(data), reportTimestamp: timestampOf(report) };
}

/** Profiles that nothing is stitched to, and that were not active within some periods. */
export function unstitchedReport(report: SampleReport) {
  const { profiles, events, unstitched } = report.tally;
  const codeOf = codesOf(report);
  const periods = unstitchedPeriods.map((days) => {
    const found = unstitched.filter(({ period }) => period === days);
    const distribution = found.map((count) => [codeOf(count.namespace), countOf([count])] as const);
    return [`${days}days`, { ...countOf(found), nsDistribution: Object.fromEntries(distribution) }] as const;
  });
  return {
    data: {
      totalNumberOfProfiles: profiles,
      totalNumberOfEvents: events,
      unstitchedProfiles: Object.fromEntries(periods),
    },
    reportTimestamp: timestampOf(report),
  };
}

function countOf(counts: readonly { readonly profiles: number; readonly events: number }[]) {
  return {
    countOfProfiles: counts.reduce((sum, { profiles }) => sum + profiles, 0),
    eventsAssociated: counts.reduce((sum, { events }) => sum + events, 0),
  };
}

/** A namespace's code as registered. */
function codesOf({ namespaces }: SampleReport): (key: string) => string {
  const byKey = new Map(namespaces.map(({ key, code }) => [key, code]));
  return (key) => byKey.get(key) ?? key;
}

function timestampOf({ at }: SampleReport): string {
  return new Date(at).toISOString();
}

/** A fraction from 0 to 1, with six decimals. */
function share(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 1_000_000) / 1_000_000;
}
