import { PqlError, describeFault, PqlProgram, type Lookback } from '@tessera/pql';
import { problem, type ProblemError } from '@tessera/http';
import type { AttributeChange, ComputedAttribute } from '@tessera/stores';

/** What a client says of an attribute. */
export interface AttributeSettings {
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  readonly expression: { readonly type: string; readonly format: string; readonly value: string };
  readonly duration: Lookback;
  readonly keepCurrent: boolean;
}

/** A change as asked for: the settings given, and the status wanted. */
export type AttributePatch = Partial<AttributeSettings> & { readonly status?: 'DRAFT' | 'NEW' | 'DISABLED' };

const changeable: Readonly<Record<ComputedAttribute['status'], readonly string[]>> = {
  DRAFT: ['name', 'displayName', 'description', 'expression', 'duration', 'keepCurrent'],
  NEW: ['displayName', 'description'],
  PROCESSING: [],
  PROCESSED: [],
  FAILED: [],
  DISABLED: [],
};
const nextStates: Readonly<Record<ComputedAttribute['status'], readonly ComputedAttribute['status'][]>> = {
  DRAFT: ['DRAFT', 'NEW'],
  NEW: ['NEW', 'DISABLED'],
  PROCESSING: ['DISABLED'],
  PROCESSED: ['DISABLED'],
  FAILED: [],
  DISABLED: [],
};

/**
 * What an expression is found to be.
 *
 * @throws ProblemError `invalid-expression` with the place of every fault.
 */
export function inferred(expression: string): Pick<ComputedAttribute, 'expression' | 'mergeFunction' | 'xdmType'> {
  try {
    const { mergeFunction, xdmType } = new PqlProgram(expression);
    return { expression, mergeFunction, xdmType };
  } catch (error) {
    if (!(error instanceof PqlError)) throw error;
    throw problem('invalid-expression', {
      detail: `The expression cannot be used: ${error.faults.map(describeFault).join('. ')}.`,
      errors: error.faults.map((fault) => ({ path: '/expression/value', message: describeFault(fault) })),
    });
  }
}

/**
 * What a change makes of an attribute.
 *
 * @throws ProblemError `computed-attribute-fixed` for what its status does not allow, `invalid-expression`.
 */
export function changed({ status }: ComputedAttribute, patch: AttributePatch): AttributeChange {
  const { expression, status: wanted, ...settings } = patch;
  const forbidden = Object.keys(patch).filter((key) => key !== 'status' && !changeable[status].includes(key));
  if (forbidden.length > 0) throw fixed(status, `its ${forbidden.join(', ')} cannot be changed`);
  if (wanted !== undefined && !nextStates[status].includes(wanted)) throw fixed(status, `it cannot become ${wanted}`);
  return { ...settings, ...(expression && inferred(expression.value)), ...(wanted && { status: wanted }) };
}

/** The refusal of what a status does not allow. */
export function fixed(status: ComputedAttribute['status'], what: string): ProblemError {
  return problem('computed-attribute-fixed', { detail: `The computed attribute is ${status}: ${what}.` });
}
