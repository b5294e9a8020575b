const NANOSECONDS_A_MILLISECOND = 1_000_000n;
const MILLISECONDS_A_DAY = 86_400_000;

/** ISO 8601 in UTC, with as many digits of the second as it needs, three at least. @returns undefined beyond its range. */
export function isoTime(nanosecondsSinceEpoch: bigint): string | undefined {
  const rest = floorModulo(nanosecondsSinceEpoch, NANOSECONDS_A_MILLISECOND);
  const said = dateOf(Number((nanosecondsSinceEpoch - rest) / NANOSECONDS_A_MILLISECOND))?.toISOString();
  if (said === undefined || rest === 0n) return said;
  return `${said.slice(0, -1)}${fraction(rest, 6)}Z`;
}

/** `YYYY-MM-DD`. @returns undefined beyond the range of dates. */
export function dateText(daysSinceEpoch: number): string | undefined {
  return dateOf(daysSinceEpoch * MILLISECONDS_A_DAY)
    ?.toISOString()
    .replace(/T.*/, '');
}

/** `HH:MM:SS`, with the digits of the second it needs. */
export function timeOfDay(nanoseconds: bigint): string {
  const seconds = nanoseconds / 1_000_000_000n;
  const parts = [seconds / 3_600n, (seconds / 60n) % 60n, seconds % 60n];
  const rest = nanoseconds % 1_000_000_000n;
  const clock = parts.map((part) => String(part).padStart(2, '0')).join(':');
  return rest === 0n ? clock : `${clock}.${fraction(rest, 9)}`;
}

/** A whole number that counts `10^-scale` as a decimal number, exactly, without needless zeros. */
export function decimalOf(unscaled: bigint, scale: number): string {
  if (scale <= 0) return String(unscaled * 10n ** BigInt(-scale));
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  const rest = digits.slice(-scale).replace(/0+$/, '');
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}${rest === '' ? '' : `.${rest}`}`;
}

/** Two's complement, the highest byte first. */
export function signedOf(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  return BigInt.asIntN(8 * bytes.length, BigInt(`0x${Buffer.from(bytes).toString('hex')}`));
}

function dateOf(milliseconds: number): Date | undefined {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

function fraction(value: bigint, digits: number): string {
  return String(value).padStart(digits, '0').replace(/0+$/, '');
}

function floorModulo(value: bigint, divisor: bigint): bigint {
  return ((value % divisor) + divisor) % divisor;
}
