import { selectorLimits, SelectorError, type Selector } from './selector.js';

/** A selector under construction. */
interface Selection extends Selector {
  readonly fields: Map<string, Selection | 'whole'>;
}

/** What cannot be part of a name: the grammar's own signs, white space and control characters. */
const NOT_OF_A_NAME = /[,.()\s\p{Cc}]/u;

/**
 * Reads a selector (spec 10-projections, "Selector grammar"); the `fields` of a lookup are one as well.
 *
 * A name is one or more characters other than `,` `.` `(` `)`, white space and control characters. A field whose name
 * has one of those can only be selected by selecting its parent.
 *
 * @throws SelectorError naming the column, for anything else: an empty selector, a missing name, a parenthesis too many or
 *   too few, a text or nesting beyond {@link selectorLimits}.
 */
export function parseSelector(text: string): Selector {
  if (text === '') throw new SelectorError(1, 'the selector is empty; name at least one field');
  if (text.length > selectorLimits.maxLength) {
    const fault = `the selector is longer than ${selectorLimits.maxLength} characters; select a parent instead of its fields`;
    throw new SelectorError(selectorLimits.maxLength + 1, fault);
  }
  return new Parser(text).parse();
}

class Parser {
  private readonly root: Selection = { fields: new Map() };
  private position = 0;

  constructor(private readonly text: string) {}

  parse(): Selector {
    this.fields([]);
    if (this.position < this.text.length) throw this.fault('this parenthesis closes none; remove it');
    return this.root;
  }

  /** field *("," field), below the names of `parent`. */
  private fields(parent: readonly string[]): void {
    do this.field(parent);
    while (this.take(','));
  }

  /** name *("." name) [ "(" selector ")" ] */
  private field(parent: readonly string[]): void {
    const names = [...parent];
    do {
      if (names.length === selectorLimits.maxDepth)
        throw this.fault(`fields nest at most ${selectorLimits.maxDepth} deep`);
      names.push(this.fieldName());
    } while (this.take('.'));
    const opening = this.position;
    if (this.take('(')) {
      this.fields(names);
      if (!this.take(')')) {
        const ended = this.position === this.text.length;
        throw this.fault(
          ended ? `the parenthesis opened at column ${opening + 1} is not closed` : this.unexpected('"," or ")"'),
        );
      }
    } else {
      add(this.root, names);
    }
    if (this.position < this.text.length && !',)'.includes(this.text.charAt(this.position))) {
      throw this.fault(this.unexpected('"," between fields'));
    }
  }

  private fieldName(): string {
    const start = this.position;
    while (this.position < this.text.length && !NOT_OF_A_NAME.test(this.text.charAt(this.position))) this.position += 1;
    if (this.position === start) throw this.fault(this.unexpected('the name of a field'));
    return this.text.slice(start, this.position);
  }

  private take(sign: string): boolean {
    if (this.text[this.position] !== sign) return false;
    this.position += 1;
    return true;
  }

  private unexpected(wanted: string): string {
    const found = this.text[this.position];
    if (found === undefined) return `${wanted} is expected, but the selector ends`;
    return `${wanted} is expected, not ${/\s/.test(found) ? 'white space' : JSON.stringify(found)}`;
  }

  private fault(fault: string): SelectorError {
    return new SelectorError(this.position + 1, fault);
  }
}

/** Adds one path; a whole subtree swallows its parts. */
function add(root: Selection, names: readonly string[]): void {
  let selection = root;
  for (const name of names.slice(0, -1)) {
    let below = selection.fields.get(name);
    if (below === 'whole') return;
    if (below === undefined) selection.fields.set(name, (below = { fields: new Map() }));
    selection = below;
  }
  selection.fields.set(names.at(-1) as string, 'whole');
}
