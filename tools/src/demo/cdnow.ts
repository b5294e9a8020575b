/** One line of the CDNOW log: what one customer bought on one day. The log repeats some lines; each is a purchase. */
export interface Purchase {
  /** Number of the line in the file, from 1 for the header: the only thing that tells equal purchases apart. */
  readonly line: number;
  /** Five digits, with leading zeros, as in the file. */
  readonly customer: string;
  /** Calendar day, `YYYY-MM-DD`. */
  readonly day: string;
  readonly quantity: number;
  /** US dollars. */
  readonly dollars: number;
}

const LINE = /^ *(\d{5}) +(\d{4})(\d{2})(\d{2}) +(\d+) +(\d+\.\d{2})$/;

/**
 * Reads `CDNOW_master.txt`: a header, then lines of a customer, a day, a number of CDs and their price, separated by
 * spaces.
 *
 * @throws Error naming the first line that has another form.
 */
export function parsePurchases(text: string): Purchase[] {
  const purchases: Purchase[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (index === 0 || line === '') continue;
    const [, customer, year, month, day, quantity, dollars] = LINE.exec(line) ?? [];
    if (customer === undefined) throw new Error(`line ${index + 1} of the purchases is not understood: ${line}`);
    purchases.push({
      line: index + 1,
      customer,
      day: `${year}-${month}-${day}`,
      quantity: Number(quantity),
      dollars: Number(dollars),
    });
  }
  return purchases;
}
