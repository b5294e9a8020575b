import { DEFAULT_SANDBOX } from '@tessera/contracts';
import { defaultSandboxOf, type Sandbox, type SandboxLookup } from '@tessera/http';
import type { SandboxReader } from '@tessera/stores';
import type { HeldValues, SourceValue } from './held-values.js';

/** What can be a name or an id of a sandbox; anything else is never looked for. */
const possible = { name: /^[a-z0-9-]{1,128}$/, id: /^[0-9a-f-]{36}$/ };

/** The sandboxes of organisations out of what is held. The one each organisation is born with needs no looking up. */
export class HeldSandboxes implements SandboxLookup {
  constructor(private readonly values: HeldValues<Sandbox>) {}

  async find(
    organisation: string,
    by: { readonly name: string } | { readonly id: string },
  ): Promise<Sandbox | undefined> {
    const born = defaultSandboxOf(organisation);
    const [kind, value] = 'name' in by ? (['name', by.name] as const) : (['id', by.id] as const);
    if (value === (kind === 'name' ? DEFAULT_SANDBOX : born.id)) return born;
    return possible[kind].test(value) ? this.values.find(`${organisation}/${kind}/${value}`) : undefined;
  }
}

/** Reads what {@link HeldSandboxes} asks for: neither organisations nor names nor ids contain a slash. */
export function readSandboxes(reader: SandboxReader): (key: string) => Promise<SourceValue<Sandbox> | undefined> {
  return async (key) => {
    const [organisation = '', kind, value = ''] = key.split('/');
    const readAt = Date.now();
    const found = await reader.find(organisation, kind === 'name' ? { name: value } : { id: value });
    if (found === undefined) return undefined;
    const { id, name, title, type } = found;
    return { value: { id, name, title, type, isDefault: false }, version: readAt };
  };
}
