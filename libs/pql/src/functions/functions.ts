import { arrayFunctions } from './arrays.js';
import type { PqlFunction } from './function.js';
import { otherFunctions } from './others.js';
import { textFunctions } from './texts.js';

/** Every function of the language by its name. */
export const functions: ReadonlyMap<string, PqlFunction> = new Map(
  Object.entries({ ...arrayFunctions, ...textFunctions, ...otherFunctions }),
);
