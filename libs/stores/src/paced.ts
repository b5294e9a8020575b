/** Runs one question after another, at the pace that the store has room for. */
export type Paced = <Answer>(question: () => Promise<Answer>) => Promise<Answer>;

/** One right after the other. */
export const unpaced: Paced = (question) => question();
