import { arrayOf, either, mapOf, types, type Type } from '../check/type.js';
import { dayOf } from '../evaluate/time.js';
import { Instant, isFields, timeOf } from '../evaluate/value.js';
import { value, type Call, type PqlFunction } from './function.js';

const map = value('map', mapOf(types.any));
const time = value('time', types.time);

function valuesOf(type: Type): Type {
  return type.kind === 'map' ? type.item : types.any;
}

/** A part of the date that a time lies on, in UTC. */
function part(partOf: (date: Date) => number): PqlFunction {
  return {
    parameters: [time],
    result: () => types.integer,
    run: (call) => {
      const given = timeOf(call.value(0));
      return given === undefined ? null : partOf(new Date(given));
    },
  };
}

function currentPart(partOf: (date: Date) => number): PqlFunction {
  return { parameters: [], result: () => types.integer, run: ({ now }) => partOf(new Date(now)) };
}

const month = (date: Date) => date.getUTCMonth() + 1;
const year = (date: Date) => date.getUTCFullYear();
const dayOfMonth = (date: Date) => date.getUTCDate();

function entries(call: Call) {
  const given = call.value(0);
  if (!isFields(given)) return [];
  const found = Object.entries(given);
  call.budget.spend(found.length);
  return found;
}

export const otherFunctions: Readonly<Record<string, PqlFunction>> = {
  if: {
    parameters: [value('condition', types.boolean), value('then', types.any), value('otherwise', types.any)],
    result: ([, then = types.any, otherwise = types.any]) => either(then, otherwise),
    run: (call) => call.value(call.value(0) === true ? 1 : 2),
  },
  isNull: {
    parameters: [value('value', types.any)],
    result: () => types.boolean,
    run: (call) => call.value(0) === null,
  },
  isNotNull: {
    parameters: [value('value', types.any)],
    result: () => types.boolean,
    run: (call) => call.value(0) !== null,
  },
  get: {
    parameters: [map, value('key', types.text)],
    result: ([first = types.any]) => valuesOf(first),
    run: (call) => {
      const [given, key] = [call.value(0), call.value(1)];
      return isFields(given) && typeof key === 'string' && Object.hasOwn(given, key) ? (given[key] ?? null) : null;
    },
  },
  keys: {
    parameters: [map],
    result: () => arrayOf(types.text),
    run: (call) => entries(call).map(([key]) => key),
  },
  values: {
    parameters: [map],
    result: ([first = types.any]) => arrayOf(valuesOf(first)),
    run: (call) => entries(call).map(([, field]) => field),
  },
  date: {
    parameters: [value('year', types.integer), value('month', types.integer), value('day', types.integer)],
    result: () => types.time,
    run: (call) => {
      const [given] = [[0, 1, 2].map((index) => call.value(index))];
      if (!given.every((part) => typeof part === 'number')) return null;
      const [year = 0, month = 0, day = 0] = given;
      const found = dayOf(year, month, day);
      return found === undefined ? null : new Instant(found);
    },
  },
  getMonth: part(month),
  getYear: part(year),
  getDayOfMonth: part(dayOfMonth),
  currentMonth: currentPart(month),
  currentYear: currentPart(year),
  currentDayOfMonth: currentPart(dayOfMonth),
};
