import { types } from '../check/type.js';
import { equal } from '../evaluate/compare.js';
import { optional, value, type Call, type Parameter, type PqlFunction } from './function.js';

const text = value('text', types.text);
const caseSensitive = optional('caseSensitive', types.boolean);
const pattern: Parameter = { name: 'pattern', takes: 'pattern', type: types.text };

/** Two texts and whether they are as asked; upper and lower case are the same when the last parameter is `false`. */
function comparison(holds: (text: string, other: string) => boolean): PqlFunction {
  return {
    parameters: [text, value('other', types.text), caseSensitive],
    result: () => types.boolean,
    run: (call) => {
      const [first, second] = [textAt(call, 0), textAt(call, 1)];
      return first !== undefined && second !== undefined && holds(first, second);
    },
  };
}

function equality(holds: (equal: boolean) => boolean): PqlFunction {
  return {
    parameters: [value('value', types.any), value('other', types.any), caseSensitive],
    result: () => types.boolean,
    run: (call) => {
      const [left, right] = [textAt(call, 0) ?? call.value(0), textAt(call, 1) ?? call.value(1)];
      return left !== null && right !== null && holds(equal(left, right, call.budget));
    },
  };
}

function textAt(call: Call, index: number): string | undefined {
  const given = call.value(index);
  if (typeof given !== 'string') return undefined;
  call.budget.spend(given.length / 64);
  return call.value(2) === false ? given.toLowerCase() : given;
}

function conversion(convert: (text: string) => string): PqlFunction {
  return {
    parameters: [text],
    result: () => types.text,
    run: (call) => {
      const given = call.value(0);
      if (typeof given !== 'string') return null;
      call.budget.spend(given.length / 64);
      return convert(given);
    },
  };
}

/** Matching takes time in proportion to the text and to the pattern; it is paid for before. */
function pay(call: Call, text: string): void {
  call.budget.spend(Math.ceil(text.length * call.pattern(1).programSize()));
}

/** Whether a text is as `pattern` says: `%` is any text, `_` any character. Linear in the text but for hostile patterns, which pay. */
export function like(text: string, pattern: string, { budget }: Pick<Call, 'budget'>): boolean {
  const [characters, signs] = [[...text], [...pattern]];
  budget.spend(characters.length + signs.length);
  let [at, sign, afterPercent, resume] = [0, 0, -1, 0];
  while (at < characters.length) {
    budget.spend(1);
    if (signs[sign] === '%') {
      afterPercent = sign += 1;
      resume = at;
    } else if (sign < signs.length && (signs[sign] === '_' || signs[sign] === characters[at])) {
      at += 1;
      sign += 1;
    } else if (afterPercent >= 0) {
      at = resume += 1;
      sign = afterPercent;
    } else return false;
  }
  while (signs[sign] === '%') sign += 1;
  return sign === signs.length;
}

export const textFunctions: Readonly<Record<string, PqlFunction>> = {
  startsWith: comparison((text, other) => text.startsWith(other)),
  doesNotStartWith: comparison((text, other) => !text.startsWith(other)),
  endsWith: comparison((text, other) => text.endsWith(other)),
  doesNotEndWith: comparison((text, other) => !text.endsWith(other)),
  contains: comparison((text, other) => text.includes(other)),
  doesNotContain: comparison((text, other) => !text.includes(other)),
  equals: equality((same) => same),
  notEqualTo: equality((same) => !same),
  matches: {
    parameters: [text, pattern],
    result: () => types.boolean,
    run: (call) => {
      const given = call.value(0);
      if (typeof given !== 'string') return false;
      pay(call, given);
      return call.pattern(1).test(given);
    },
  },
  regexGroup: {
    parameters: [text, pattern, { name: 'group', takes: 'count', type: types.integer }],
    result: () => types.text,
    run: (call) => {
      const given = call.value(0);
      if (typeof given !== 'string') return null;
      pay(call, given);
      const matcher = call.pattern(1).matcher(given);
      const group = Number(call.value(2));
      return matcher.find() && group <= matcher.groupCount() ? (matcher.group(group) ?? null) : null;
    },
  },
  toUpperCase: conversion((text) => text.toUpperCase()),
  toLowerCase: conversion((text) => text.toLowerCase()),
};
