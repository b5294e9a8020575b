import type { JsonObject } from '@tessera/contracts';
import { recordMessage, type DataSetReference } from '../client/record-message.js';

/** Stand-ins for what differs between records; found again in the JSON text. */
const PERSON = '@person@';
const SEQUENCE = 987_654_321;

/**
 * Makes the JSON texts of records of about 1 KiB that differ in the person and in a sequence number alone: the text
 * around them is made once, so that a load generator spends next to nothing on it.
 */
export class RecordTemplate {
  private readonly parts: readonly string[];

  constructor(
    dataSet: DataSetReference,
    organisation: string,
    private readonly shape: RecordShape,
  ) {
    const text = JSON.stringify(recordMessage(dataSet, organisation, loadEntity(shape, PERSON, SEQUENCE)));
    this.parts = text.split(/(@person@|987654321)/);
  }

  /** The primary identity of a person's record. */
  emailOf(person: string): string {
    return emailOf(this.shape, person);
  }

  /** The record's envelope as JSON. `sequence` makes every write a change. */
  textOf(person: string, sequence: number): string {
    let text = '';
    for (const part of this.parts) text += part === PERSON ? person : part === String(SEQUENCE) ? sequence : part;
    return text;
  }
}

/** Records that carry one identity, or two that belong together. The people of the two are others. */
export type RecordShape = 'single' | 'linked';

/** A customer's record as the load tests write it: identities, name, address, preferences; about 1 KiB as JSON. */
export function loadEntity(shape: RecordShape, person: string, sequence: number): JsonObject {
  return {
    identityMap: {
      Email: [{ id: emailOf(shape, person), primary: true }],
      ...(shape === 'linked' ? { Phone: [{ id: `+61-${person}` }] } : {}),
    },
    ...attributes(person),
    loyalty: { tier: 'gold', points: sequence, joinDate: '2021-07-14', programme: 'Harbour Club' },
    sequence,
  };
}

function emailOf(shape: RecordShape, person: string): string {
  return `${shape}-${person}@example.com`;
}

/** What a record says besides its identities. */
export function attributes(person: string): JsonObject {
  return {
    person: {
      name: { firstName: 'Matilda', lastName: `Hargreaves ${person}`, courtesyTitle: 'Dr' },
      birthDate: '1984-03-19',
      gender: 'female',
    },
    homeAddress: {
      street1: '27 Lower Fort Street',
      street2: 'Level 3, The Old Bond Store',
      city: 'Millers Point',
      stateProvince: 'NSW',
      postalCode: '2000',
      country: 'Australia',
    },
    preferences: {
      language: 'en-AU',
      channels: ['email', 'sms', 'push'],
      categories: ['jazz', 'opera', 'chamber music', 'field recordings'],
      marketing: { email: 'y', sms: 'n', post: 'n' },
    },
    notes: 'Prefers the morning delivery window and asks for paper bags; calls back when a message is left after noon.',
  };
}
