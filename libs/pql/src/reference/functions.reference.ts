import {
  alike,
  asDate,
  exactly,
  isRecord,
  kindRank,
  list,
  operation,
  tidy,
  total,
  type Plain,
} from './values.reference.js';

export interface Given {
  readonly first: Plain;
  readonly second: () => Plain;
  readonly third: () => Plain;
  readonly each: (element: Plain) => Plain;
  readonly now: Date;
}

export function called(name: string, { first, second, third, each, now }: Given): Plain {
  const elements = list(first);
  const within = (others: Plain, sought: Plain) => list(others).some((other) => operation('=', other, sought));
  const texts = (holds: (left: string, right: string) => boolean): boolean => {
    const fold = (text: Plain) => (third() === false && typeof text === 'string' ? text.toLowerCase() : text);
    const [left, right] = [fold(first), fold(second())];
    return typeof left === 'string' && typeof right === 'string' && holds(left, right);
  };
  const sorted = (direction: number) =>
    elements
      .map((element, index) => ({ element, index, key: each(element) }))
      .filter(({ key }) => kindRank(key) >= 0)
      .sort((a, b) => direction * total(a.key, b.key) || a.index - b.index)
      .slice(0, third() as number)
      .map(({ element }) => element);
  const numbers = elements.filter((element) => typeof element === 'number');
  const ordered = elements.filter((element) => kindRank(element) >= 0).sort(total);
  const unique = (values: readonly Plain[]) =>
    values.filter((value, index) => values.findIndex((other) => alike(value, other)) === index);
  const fold = (value: Plain) => (third() === false && typeof value === 'string' ? value.toLowerCase() : value);
  const map = isRecord(first) ? first : {};
  const date = asDate(first);
  switch (name) {
    case 'if':
      return first === true ? second() : third();
    case 'isNull':
      return first === null;
    case 'isNotNull':
      return first !== null;
    case 'intersects':
      return elements.some((element) => within(second(), element));
    case 'intersection':
      return unique(elements.filter((element) => within(second(), element)));
    case 'subsetOf':
      return elements.every((element) => within(second(), element));
    case 'supersetOf':
      return list(second()).every((element) => within(elements, element));
    case 'includes':
      return within(elements, second());
    case 'distinct':
      return unique(elements);
    case 'groupBy': {
      const groups: Record<string, Plain[]> = {};
      for (const element of elements) {
        const key = each(element);
        if (typeof key === 'string') (groups[key] ??= []).push(element);
      }
      return groups;
    }
    case 'filter':
      return elements.filter((element) => each(element) === true);
    case 'map':
      return elements.map(each);
    case 'topN':
      return sorted(-1);
    case 'bottomN':
      return sorted(1);
    case 'head':
      return elements.length > 0 ? elements[0] : null;
    case 'count':
      return elements.length;
    case 'sum':
      return exactly(numbers);
    case 'average':
      return numbers.length === 0 ? null : tidy(exactly(numbers) / numbers.length);
    case 'min':
      return ordered[0] ?? null;
    case 'max':
      return ordered.at(-1) ?? null;
    case 'startsWith':
      return texts((left, right) => left.slice(0, right.length) === right);
    case 'doesNotStartWith':
      return texts((left, right) => left.slice(0, right.length) !== right);
    case 'endsWith':
      return texts((left, right) => right === '' || left.slice(-right.length) === right);
    case 'doesNotEndWith':
      return texts((left, right) => right !== '' && left.slice(-right.length) !== right);
    case 'contains':
      return texts((left, right) => left.indexOf(right) >= 0);
    case 'doesNotContain':
      return texts((left, right) => left.indexOf(right) < 0);
    case 'equals':
      return operation('=', fold(first), fold(second()));
    case 'notEqualTo':
      return operation('!=', fold(first), fold(second()));
    case 'matches':
      return typeof first === 'string' && new RegExp(second() as string, 'u').test(first);
    case 'regexGroup':
      return typeof first === 'string'
        ? (new RegExp(second() as string, 'u').exec(first)?.[third() as number] ?? null)
        : null;
    case 'toUpperCase':
      return typeof first === 'string' ? first.toUpperCase() : null;
    case 'toLowerCase':
      return typeof first === 'string' ? first.toLowerCase() : null;
    case 'get':
      return map[second() as string] ?? null;
    case 'keys':
      return Object.keys(map);
    case 'values':
      return Object.values(map);
    case 'date':
      return new Date(Date.UTC(first as number, (second() as number) - 1, third() as number));
    case 'getMonth':
      return date && date.getUTCMonth() + 1;
    case 'getYear':
      return date && date.getUTCFullYear();
    case 'getDayOfMonth':
      return date && date.getUTCDate();
    case 'currentMonth':
      return now.getUTCMonth() + 1;
    case 'currentYear':
      return now.getUTCFullYear();
    case 'currentDayOfMonth':
      return now.getUTCDate();
    default:
      throw new Error(`the reference does not know ${name}`);
  }
}
