/** A sandbox that an organisation added to the one it was born with (spec 02-conventions, "Sandboxes"). */
export interface StoredSandbox {
  readonly id: string;
  readonly organisation: string;
  /** Lower-case letters, digits and `-`. */
  readonly name: string;
  readonly title: string;
  readonly type: 'production' | 'development';
  /** A deleted one holds its name until its data is gone; to everybody else it is not there. */
  readonly state: 'active' | 'deleted';
  /** Epoch ms. */
  readonly created: number;
  /** Client id. */
  readonly createdBy: string;
}

export type NewSandbox = Pick<StoredSandbox, 'name' | 'title' | 'type' | 'createdBy'>;
