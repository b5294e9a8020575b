import { DEFAULT_SANDBOX } from '@tessera/contracts';
import { defaultSandboxOf, type Sandbox, type SandboxLookup } from '@tessera/http';
import type { SandboxReader, StoredSandbox } from '@tessera/stores';
import { BriefCache, type BriefCacheOptions } from '../brief-cache.js';

/** What a sandbox may be called; longer or other names are never looked for. */
export const sandboxName = /^[a-z0-9-]{1,128}$/;
const sandboxId = /^[0-9a-f-]{36}$/;

type Key = { readonly name: string } | { readonly id: string };

/**
 * The sandboxes of organisations, for every request. A new one works at once; a removed one is gone at once where it was
 * removed, elsewhere within half a second.
 */
export class SandboxDirectory implements SandboxLookup {
  private readonly added: BriefCache<Sandbox>;

  constructor(
    private readonly reader: SandboxReader,
    options: BriefCacheOptions = {},
  ) {
    this.added = new BriefCache((key) => this.read(key), options);
  }

  async find(organisation: string, by: Key): Promise<Sandbox | undefined> {
    const born = defaultSandboxOf(organisation);
    if ('name' in by ? by.name === DEFAULT_SANDBOX : by.id === born.id) return born;
    const isPossible = 'name' in by ? sandboxName.test(by.name) : sandboxId.test(by.id);
    return isPossible ? this.added.find(keyOf(organisation, by)) : undefined;
  }

  /** Makes a removal count at once on this instance. */
  forget(organisation: string, { id, name }: Pick<Sandbox, 'id' | 'name'>): void {
    this.added.forget(keyOf(organisation, { name }));
    this.added.forget(keyOf(organisation, { id }));
  }

  private async read(key: string): Promise<Sandbox | undefined> {
    const [organisation = '', kind, value = ''] = key.split('/');
    const found = await this.reader.find(organisation, kind === 'name' ? { name: value } : { id: value });
    return found === undefined ? undefined : asSandbox(found);
  }
}

/** A sandbox that was added; the default one never is. */
export function asSandbox({ id, name, title, type }: StoredSandbox): Sandbox {
  return { id, name, title, type, isDefault: false };
}

/** Neither organisations nor names nor ids contain a slash. */
function keyOf(organisation: string, by: Key): string {
  return 'name' in by ? `${organisation}/name/${by.name}` : `${organisation}/id/${by.id}`;
}
