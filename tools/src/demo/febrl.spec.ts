import { parsePersons } from './febrl.js';

const header =
  'rec_id, given_name, surname, street_number, address_1, address_2, suburb, postcode, state, date_of_birth, soc_sec_id';

describe('the person records', () => {
  it('reads every column without the blanks around it', () => {
    const line =
      "rec-3815-dup-0, saah, beattih, 60, kay's place, oldershaw court, ashfield, 2047, vic, 19500712, 9435148";
    expect(parsePersons(`${header}\r\n${line}\r\n`)).toEqual([
      {
        recordId: 'rec-3815-dup-0',
        givenName: 'saah',
        surname: 'beattih',
        streetNumber: '60',
        address1: "kay's place",
        address2: 'oldershaw court',
        suburb: 'ashfield',
        postcode: '2047',
        state: 'vic',
        dateOfBirth: '19500712',
        socialSecurityId: '9435148',
      },
    ]);
  });

  it('has no field where the source is blank', () => {
    const [person] = parsePersons(`${header}\nrec-493-dup-0, , blackwell, , , , , 4211, , , 8541055`);
    expect(person).toEqual({
      recordId: 'rec-493-dup-0',
      surname: 'blackwell',
      postcode: '4211',
      socialSecurityId: '8541055',
    });
  });

  it.each([
    ['too few cells', 'rec-1-org, ada, 1234567'],
    ['no record number', ', ada, , , , , , , , , 1234567'],
    ['no social security number', 'rec-1-org, ada, , , , , , , , ,'],
    ['a quoted cell', 'rec-1-org, "ada", , , , , , , , , 1234567'],
  ])('refuses a line with %s and names it', (_fault, line) => {
    expect(() => parsePersons(`${header}\n${line}`)).toThrow('line 2');
  });

  it('refuses a file with other columns', () => {
    expect(() => parsePersons('rec_id, name\nrec-1-org, ada')).toThrow('unexpected columns');
  });
});
