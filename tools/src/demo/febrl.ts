/** One person as one of the two FEBRL sources describes them. A field the source leaves blank is absent. */
export interface PersonRecord {
  /** The source's own record number, such as `rec-1070-org` or `rec-1070-dup-0`. */
  readonly recordId: string;
  readonly givenName?: string;
  readonly surname?: string;
  readonly streetNumber?: string;
  readonly address1?: string;
  readonly address2?: string;
  readonly suburb?: string;
  readonly postcode?: string;
  readonly state?: string;
  /** Eight digits, not always a day that exists. */
  readonly dateOfBirth?: string;
  readonly socialSecurityId: string;
}

/** Column of the file and the field it becomes, in the order of the file. */
const COLUMNS = [
  ['rec_id', 'recordId'],
  ['given_name', 'givenName'],
  ['surname', 'surname'],
  ['street_number', 'streetNumber'],
  ['address_1', 'address1'],
  ['address_2', 'address2'],
  ['suburb', 'suburb'],
  ['postcode', 'postcode'],
  ['state', 'state'],
  ['date_of_birth', 'dateOfBirth'],
  ['soc_sec_id', 'socialSecurityId'],
] as const satisfies readonly (readonly [string, keyof PersonRecord])[];

/**
 * Reads `dataset4a.csv` or `dataset4b.csv`: a header, then cells separated by commas and blanks; no cell is quoted or
 * holds a comma.
 *
 * @throws Error naming the first line that has another form.
 */
export function parsePersons(text: string): PersonRecord[] {
  const [header = '', ...lines] = text.split(/\r?\n/);
  const found = cellsOf(header).join();
  if (found !== COLUMNS.map(([column]) => column).join()) throw new Error(`unexpected columns of persons: ${found}`);
  return lines.flatMap((line, index) => (line.trim() === '' ? [] : [parsePerson(line, index + 2)]));
}

function parsePerson(line: string, number: number): PersonRecord {
  const cells = cellsOf(line);
  const person: { -readonly [Field in keyof PersonRecord]?: string } = {};
  for (const [index, [, field]] of COLUMNS.entries()) {
    const cell = cells[index];
    if (cell !== undefined && cell !== '') person[field] = cell;
  }
  const { recordId, socialSecurityId } = person;
  const understood = cells.length === COLUMNS.length && !line.includes('"');
  if (!understood || recordId === undefined || socialSecurityId === undefined) {
    throw new Error(`line ${number} of the persons is not understood: ${line}`);
  }
  return { ...person, recordId, socialSecurityId };
}

function cellsOf(line: string): string[] {
  return line.split(',').map((cell) => cell.trim());
}
