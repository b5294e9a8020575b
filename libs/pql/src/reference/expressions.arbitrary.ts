import fc, { type Arbitrary } from 'fast-check';

/** Random expressions as text, and random events and people to evaluate them over. */
const now = Date.UTC(2026, 2, 18, 15, 30);
const day = 86_400_000;

const texts = ['', 'a', 'b', 'ab', 'Ab', 'abc', 'b%', '2026-03-01', '2025-12-31T23:59:59Z'];
const patterns = ['a', '^a', 'b$', '(a)(b)?', 'a.c', '[ab]+'];
const units = ['second', 'hours', 'day', 'days', 'weeks', 'month', 'months', 'year', 'decade', 'century', 'millennium'];

const scalar = fc.oneof(
  fc.constantFrom(...texts),
  fc.integer({ min: -5, max: 5 }),
  fc.integer({ min: -50, max: 50 }).map((tenths) => tenths / 10),
  fc.boolean(),
  fc.constant(null),
);

/** Fields `n`, `m` mostly numbers, `s`, `t` mostly texts, `f` a flag, `l` a list of numbers, `o` objects, `d` a date. */
const thing = fc.record(
  {
    n: fc.oneof({ weight: 5, arbitrary: fc.integer({ min: -50, max: 50 }).map((tenths) => tenths / 10) }, scalar),
    m: fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 0, max: 3 }) }, scalar),
    s: fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...texts) }, scalar),
    t: fc.constantFrom(...texts),
    f: fc.boolean(),
    l: fc.array(fc.integer({ min: -2, max: 4 }), { maxLength: 4 }),
    o: fc.oneof(
      fc.record({ n: fc.integer({ min: 0, max: 3 }), s: fc.constantFrom('a', 'b') }),
      fc.array(fc.record({ n: fc.integer({ min: 0, max: 3 }), s: fc.constantFrom('a', 'b') }), { maxLength: 3 }),
    ),
    d: fc.integer({ min: -800, max: 40 }).map((days) => new Date(now + days * day).toISOString()),
  },
  { requiredKeys: [] },
);

export const subjects = fc.record({
  now: fc.integer({ min: -40 * day, max: 40 * day }).map((offset) => now + offset),
  profile: thing,
  events: fc.uniqueArray(
    fc.record({
      eventId: fc.integer({ min: 0, max: 99 }).map((id) => `e${id}`),
      datasetId: fc.constantFrom('one', 'two'),
      time: fc.oneof(
        fc.integer({ min: -60, max: 45 }).map((days) => now + days * day),
        fc.integer({ min: -3_000, max: 100 }).map((minutes) => now + minutes * 60_000),
        fc.integer({ min: -900 * 24, max: 0 }).map((hours) => now + hours * 3_600_000),
      ),
      body: thing,
    }),
    { maxLength: 12, selector: ({ eventId, datasetId }) => `${datasetId} ${eventId}` },
  ),
});

/** Which names an expression may use: `x` within quantifiers and lambdas, `$1` within elements. */
interface Place {
  readonly element: boolean;
  readonly depth: number;
}

function oneOf<Type>(...choices: (() => Arbitrary<Type>)[]): Arbitrary<Type> {
  return fc.nat({ max: choices.length - 1 }).chain((index) => (choices[index] as () => Arbitrary<Type>)());
}

function written(parts: TemplateStringsArray, ...holes: Arbitrary<string>[]): Arbitrary<string> {
  return fc.tuple(...holes).map((filled) => parts.map((part, index) => part + (filled[index] ?? '')).join(''));
}

const quoted = (choices: readonly string[]) => fc.constantFrom(...choices).map((text) => JSON.stringify(text));
const inner = (place: Place): Place => ({ element: true, depth: place.depth - 1 });
const less = (place: Place): Place => ({ ...place, depth: place.depth - 1 });

function number(place: Place): Arbitrary<string> {
  const leaf = [
    () => fc.integer({ min: -9, max: 9 }).map(String),
    () => fc.integer({ min: 0, max: 99 }).map((tenths) => (tenths / 10).toFixed(1)),
    () => fc.constantFrom('n', 'm', 'this.n', 'o.n'),
    ...(place.element ? [() => fc.constantFrom('$1.n', '$1.m')] : []),
  ];
  if (place.depth <= 0) return oneOf(...leaf);
  const next = less(place);
  return oneOf(
    ...leaf,
    () => written`(${number(next)} ${fc.constantFrom('+', '-', '*', '/', '%')} ${number(next)})`,
    () => written`-${number(next)}`,
    () => written`${numbers(next)}.${fc.constantFrom('sum', 'average', 'min', 'max', 'head')}()`,
    () => written`${list(next)}.count()`,
    () => written`if(${condition(next)}, ${number(next)}, ${number(next)})`,
    () => written`${time(next)}.${fc.constantFrom('getMonth', 'getYear', 'getDayOfMonth')}()`,
    () => fc.constantFrom('currentMonth()', 'currentYear()', 'currentDayOfMonth()'),
    () => written`(let v = ${number(next)} in v + ${number(next)})`,
  );
}

function text(place: Place): Arbitrary<string> {
  const leaf = [() => quoted(texts), () => fc.constantFrom('s', 't', 'this.s', 'o.s')];
  if (place.depth <= 0) return oneOf(...leaf);
  const next = less(place);
  return oneOf(
    ...leaf,
    () => written`${text(next)}.${fc.constantFrom('toUpperCase', 'toLowerCase')}()`,
    () => written`${text(next)}.regexGroup(${quoted(patterns)}, ${fc.constantFrom('0', '1')})`,
    () => written`${events(next)}.t.max()`,
    () => written`{"a": ${text(next)}, "b": "x"}.get(${quoted(['a', 'b', 'c'])})`,
  );
}

function time(place: Place): Arbitrary<string> {
  return oneOf(
    () => fc.constantFrom('now', 'today', 'yesterday', 'tomorrow', 'date(2026, 3, 1)', 'date(2026, 2, 28)', 'd'),
    () => written`${events(less(place))}.timestamp.${fc.constantFrom('min', 'max')}()`,
  );
}

function condition(place: Place): Arbitrary<string> {
  const leaf = [() => fc.constantFrom('true', 'false', 'f', 'isNull(n)', 's.isNotNull()')];
  if (place.depth <= 0) return oneOf(...leaf);
  const next = less(place);
  const comparison = fc.constantFrom('=', '!=', '<', '<=', '>', '>=');
  const textTests = ['startsWith', 'doesNotStartWith', 'endsWith', 'doesNotEndWith', 'contains', 'doesNotContain'];
  return oneOf(
    ...leaf,
    () => written`(${condition(next)} ${fc.constantFrom('and', 'or')} ${condition(next)})`,
    () => written`not ${condition(next)}`,
    () => written`${number(next)} ${comparison} ${number(next)}`.map((inside) => `(${inside})`),
    () => written`(${text(next)} ${comparison} ${text(next)})`,
    () => written`(${time(next)} ${comparison} ${time(next)})`,
    () => written`(${number(next)} ${fc.constantFrom('in', 'notIn')} ${numbers(next)})`,
    () => written`(${text(next)} like ${quoted(['a%', '%b', '_b%', '%', 'ab', '%a%b%'])})`,
    () => written`${text(next)}.${fc.constantFrom(...textTests, 'equals', 'notEqualTo')}(${text(next)})`,
    () =>
      written`${text(next)}.${fc.constantFrom(...textTests, 'equals')}(${text(next)}, ${fc.constantFrom('true', 'false')})`,
    () => written`${text(next)}.matches(${quoted(patterns)})`,
    () => written`${numbers(next)}.${fc.constantFrom('intersects', 'subsetOf', 'supersetOf')}(${numbers(next)})`,
    () => written`${numbers(next)}.includes(${number(next)})`,
    () => written`(${fc.constantFrom('exists', 'forall')} x from ${events(next)} where ${named(next)})`,
    () => occurs(next).map((inside) => `(${inside})`),
  );
}

/** A condition about `x`. */
function named(place: Place): Arbitrary<string> {
  return oneOf(
    () => written`x.n > ${number({ ...place, depth: 0 })}`,
    () => written`x.s = ${quoted(texts)}`,
    () => written`x.f and x.timestamp occurs < ${fc.nat({ max: 40 }).map(String)} days before now`,
  );
}

function occurs(place: Place): Arbitrary<string> {
  const value = place.element
    ? oneOf(
        () => fc.constant('timestamp'),
        () => time(place),
      )
    : time(place);
  const comparison = fc.constantFrom('=', '!=', '<', '<=', '>', '>=');
  const amount = fc.nat({ max: 40 }).map(String);
  return oneOf(
    () =>
      written`${value} occurs ${comparison} ${amount} ${fc.constantFrom(...units)} ${fc.constantFrom('before', 'after', 'from')} ${time(place)}`,
    () => written`${value} occurs ${fc.constantFrom('before', 'after', 'on')} ${time(place)}`,
    () => written`${value} occurs ${time(place)}`,
    () => written`${value} occurs between ${time(place)} and ${time(place)}`,
    () => written`${value} occurs ${fc.constantFrom('this', 'last', 'next')} ${fc.constantFrom(...units)}`,
  );
}

function events(place: Place): Arbitrary<string> {
  if (place.depth <= 0) return fc.constant('xEvent');
  const next = less(place);
  return oneOf(
    () => fc.constant('xEvent'),
    () => written`${events(next)}[${condition(inner(place))}]`,
    () => written`${events(next)}[${occurs(inner(place))}]`,
    () => written`${events(next)}.filter(${condition(inner(place))})`,
    () =>
      written`${events(next)}.${fc.constantFrom('topN', 'bottomN')}(${fc.constantFrom('timestamp', 'n', 's')}, ${fc.nat({ max: 4 }).map(String)})`,
    () => written`(select x from ${events(next)} where ${named(next)})`,
  );
}

function numbers(place: Place): Arbitrary<string> {
  if (place.depth <= 0) return fc.constantFrom('[1, 2, 3]', '[]', 'l', 'xEvent.n');
  const next = less(place);
  return oneOf(
    () => fc.array(number(next), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
    () => written`${events(next)}.${fc.constantFrom('n', 'm', 'l', 'o.n')}`,
    () => written`${events(next)}.map(${number(inner(place))})`,
    () => written`${events(next)}.map((x) => x.n)`,
    () => written`${numbers(next)}.${fc.constantFrom('distinct', 'distinct')}()`,
    () => written`${numbers(next)}.intersection(${numbers(next)})`,
  );
}

function list(place: Place): Arbitrary<string> {
  return oneOf(
    () => events(place),
    () => numbers(place),
    () =>
      written`${events(less(place))}.groupBy(${fc.constantFrom('t', '$1.t')}).${fc.constantFrom('keys', 'values')}()`,
    () => written`${events(less(place))}.s.distinct()`,
  );
}

const outermost: Place = { element: false, depth: 3 };

export const expressions: Arbitrary<string> = oneOf(
  () => number(outermost),
  () => condition(outermost),
  () => text(outermost),
  () => list(outermost),
  () =>
    events(outermost).map((source) => `${source}.topN(timestamp, 1).map({"timestamp": timestamp, "value": n}).head()`),
  () =>
    written`${events(outermost)}.${fc.constantFrom('topN', 'bottomN')}(timestamp, 3).map(${number({ element: true, depth: 1 })})`,
);
