/** Lets work on one thing wait for the work before it, within this process, instead of trying in vain at the same time. */
export class Turns {
  /** The last turn of each thing that is being worked on. */
  private readonly last = new Map<string, Promise<unknown>>();

  /** Does the work once what was asked for before it on the same key has ended, well or badly. */
  async take<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const turn = (this.last.get(key) ?? Promise.resolve()).then(work);
    const ended = turn.catch(() => undefined);
    this.last.set(key, ended);
    try {
      return await turn;
    } finally {
      if (this.last.get(key) === ended) this.last.delete(key);
    }
  }
}
