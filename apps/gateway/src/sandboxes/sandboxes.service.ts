import { Inject, Injectable, Optional } from '@nestjs/common';
import { DEFAULT_SANDBOX } from '@tessera/contracts';
import { defaultSandboxOf, problem, type Caller, type ProblemError, type Sandbox } from '@tessera/http';
import type { JobCommands } from '@tessera/jobs';
import { SandboxStore, type NewSandbox } from '@tessera/stores';
import { asSandbox, SandboxDirectory } from './sandbox-directory.js';

export const JOB_COMMANDS = Symbol('commands of jobs');

export interface SandboxPage {
  readonly sandboxes: readonly Sandbox[];
  readonly totalCount: number;
}

/** The sandboxes of an organisation (spec 02-conventions, "Sandboxes"). */
@Injectable()
export class SandboxesService {
  constructor(
    @Inject(SandboxStore) private readonly store: SandboxStore,
    @Inject(SandboxDirectory) private readonly directory: SandboxDirectory,
    @Optional() @Inject(JOB_COMMANDS) private readonly commands?: JobCommands,
  ) {}

  /** The default one first, then by name. */
  async list(organisation: string, offset: number, limit: number): Promise<SandboxPage> {
    const born = offset === 0 ? [defaultSandboxOf(organisation)] : [];
    const page = { start: Math.max(offset - 1, 0), limit: limit - born.length };
    const { sandboxes, totalCount } = await this.store.list(organisation, page);
    return { sandboxes: [...born, ...sandboxes.map(asSandbox)], totalCount: totalCount + 1 };
  }

  /** @throws ProblemError `unknown-sandbox`. */
  async get(organisation: string, name: string): Promise<Sandbox> {
    const sandbox = await this.directory.find(organisation, { name });
    if (sandbox === undefined) throw unknownSandbox(name);
    return sandbox;
  }

  /** @throws ProblemError `sandbox-exists`. */
  async create({ organisation, clientId }: Caller, body: Omit<NewSandbox, 'createdBy'>): Promise<Sandbox> {
    const { name, title, type } = body;
    if (name === DEFAULT_SANDBOX) throw nameTaken(name);
    const created = await this.store.create(organisation, { name, title, type, createdBy: clientId }, Date.now());
    if (created === 'name-taken') throw nameTaken(name);
    return asSandbox(created);
  }

  /**
   * Takes a sandbox out of sight; its data goes by a job.
   *
   * @throws ProblemError `default-sandbox`, `unknown-sandbox`.
   */
  async remove({ organisation, clientId, requestId }: Caller, name: string): Promise<Sandbox> {
    if (name === DEFAULT_SANDBOX) {
      throw problem('default-sandbox', { detail: `The sandbox ${name} is the organisation's default; it stays.` });
    }
    const removed = await this.store.delete(organisation, name, { requestedBy: clientId, requestId });
    if (removed === undefined) throw unknownSandbox(name);
    this.directory.forget(organisation, removed.sandbox);
    // Accepted it is either way: what is not published now is found by those who do it.
    await this.commands?.publish(removed.job).catch(() => undefined);
    return asSandbox(removed.sandbox);
  }
}

function unknownSandbox(name: string): ProblemError {
  return problem('unknown-sandbox', { detail: `The organisation has no sandbox "${name.slice(0, 256)}".` });
}

function nameTaken(name: string): ProblemError {
  return problem('sandbox-exists', {
    detail: `The name "${name}" is taken, or held by a deleted sandbox until its data is gone; choose another name.`,
  });
}
