import { parsePurchases } from './cdnow.js';

const header = ' customer_id  date number_of_cds  dollar_value\r\n';

describe('the purchase log', () => {
  it('reads customers, days, numbers and prices', () => {
    expect(parsePurchases(`${header} 00001 19970101  1   11.77\r\n 23570 19970326 12 1286.01`)).toEqual([
      { line: 2, customer: '00001', day: '1997-01-01', quantity: 1, dollars: 11.77 },
      { line: 3, customer: '23570', day: '1997-03-26', quantity: 12, dollars: 1286.01 },
    ]);
  });

  it('keeps equal purchases apart by their line', () => {
    const twice = ' 00002 19970112  1   12.00\r\n'.repeat(2);
    expect(parsePurchases(header + twice).map((purchase) => purchase.line)).toEqual([2, 3]);
  });

  it('names the line it does not understand', () => {
    expect(() => parsePurchases(`${header} 00001 19970101  1   11.77\r\n 00001 tomorrow 1 1.00\r\n`)).toThrow('line 3');
    expect(() => parsePurchases(`${header} 00001 19970101  1\r\n`)).toThrow('line 2');
  });
});
