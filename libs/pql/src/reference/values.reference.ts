/** A value of the second evaluator: times are `Date`s, nothing is `null`, everything else is what JSON has. */
export type Plain = unknown;

export function operation(operator: string, left: Plain, right: Plain): Plain {
  if (operator === 'and') return left === true && right === true;
  if (operator === 'or') return left === true || right === true;
  if (['+', '-', '*', '/', '%'].includes(operator)) {
    if (typeof left !== 'number' || typeof right !== 'number') return null;
    if (operator === '+') return tidy(left + right);
    if (operator === '-') return tidy(left - right);
    if (operator === '*') return tidy(left * right);
    if (right === 0) return null;
    return tidy(operator === '/' ? left / right : left % right);
  }
  if (left === null || right === null) return false;
  switch (operator) {
    case 'in':
      return list(right).some((element) => operation('=', element, left));
    case 'notIn':
      return !list(right).some((element) => operation('=', element, left));
    case 'like':
      return typeof left === 'string' && typeof right === 'string' && likeness([...left], [...right]);
    case '=':
      return left instanceof Date || right instanceof Date
        ? asDate(left) !== null && asDate(left)?.getTime() === asDate(right)?.getTime()
        : alike(left, right);
    case '!=':
      return !operation('=', left, right);
  }
  const dates = left instanceof Date || right instanceof Date;
  const [first, second] = dates ? [asDate(left), asDate(right)] : [left, right];
  if (first === null || second === null || typeof first !== typeof second) return false;
  if (typeof first !== 'number' && typeof first !== 'string' && !dates) return false;
  const [low, high] = [first as number, second as number];
  return { '<': low < high, '<=': low <= high, '>': low > high, '>=': low >= high }[operator] ?? false;
}

export function field(value: Plain, name: string): Plain {
  if (Array.isArray(value)) {
    return value.flatMap((element) => {
      const found = field(element, name);
      return found === null ? [] : found;
    });
  }
  return isRecord(value) && Object.hasOwn(value, name) ? value[name] : null;
}

export function list(value: Plain): Plain[] {
  if (value === null || value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

export function isRecord(value: Plain): value is Record<string, Plain> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** Of the generated texts only those that begin with four digits and a hyphen are dates. */
export function asDate(value: Plain): Date | null {
  if (value instanceof Date) return value;
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?Z)?$/.test(value)) return null;
  return new Date(value);
}

export function alike(left: Plain, right: Plain): boolean {
  const plain = (value: Plain): Plain => {
    if (value instanceof Date) return { date: value.getTime() };
    if (Array.isArray(value)) return value.map(plain);
    return isRecord(value)
      ? Object.fromEntries(
          Object.keys(value)
            .sort()
            .map((key) => [key, plain(value[key])]),
        )
      : value;
  };
  return JSON.stringify(plain(left)) === JSON.stringify(plain(right));
}

export function kindRank(value: Plain): number {
  return value instanceof Date ? 3 : ['boolean', 'number', 'string'].indexOf(typeof value);
}

export function total(left: Plain, right: Plain): number {
  if (kindRank(left) !== kindRank(right)) return kindRank(left) - kindRank(right);
  const [low, high] = [left as number, right as number];
  return low < high ? -1 : low > high ? 1 : 0;
}

export function tidy(value: number): number {
  return value === 0 ? 0 : value;
}

/** Adds as whole numbers of 2^-200, of which all generated numbers are. */
export function exactly(numbers: readonly number[]): number {
  const scale = 2 ** 200;
  return tidy(Number(numbers.reduce((sum, number) => sum + BigInt(number * scale), 0n)) / scale);
}

export function likeness(text: readonly string[], pattern: readonly string[]): boolean {
  const [sign, ...signs] = pattern;
  if (sign === undefined) return text.length === 0;
  if (sign === '%') return text.some((_, at) => likeness(text.slice(at), signs)) || likeness([], signs);
  return text.length > 0 && (sign === '_' || sign === text[0]) && likeness(text.slice(1), signs);
}
