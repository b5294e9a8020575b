/** What the processes of the baseline need to know; handed over as JSON on the command line. */
export interface BaselineSettings {
  readonly brokers: readonly string[];
  readonly mongodbUri: string;
  readonly database: string;
  readonly topic: string;
  readonly port: number;
}

/** The processes of the baseline. */
export const baselineRoles = ['gateway', 'worker', 'loader'] as const;
export type BaselineRole = (typeof baselineRoles)[number];

/** The part of a streamed record the baseline looks at. */
export interface BaselineMessage {
  readonly body: { readonly xdmEntity: { readonly identityMap: Readonly<Record<string, readonly { id: string }[]>> } };
}

/** A record as the baseline stores it. */
export interface BaselineRecord {
  readonly _id: string;
  readonly entity: object;
}

/** The baseline keeps a person's identities in one document and its records in others: two queries make a profile. */
export interface BaselineIdentity {
  readonly _id: string;
  readonly members: readonly string[];
}

export interface BaselineFragment {
  readonly _id: string;
  readonly identity: string;
  readonly entity: object;
}
