declare global {
  /** Called by a deliberate fault when it is met. */
  var mutantReached: (() => void) | undefined;
}

/** How often a deliberate fault was met, and how often while some handler was at work. */
export interface MutantReached {
  readonly times: number;
  readonly atWork: number;
}

const reached = { times: 0, atWork: 0 };

/** From now on what is met counts for a run in which `isAtWork` says whether a handler is. */
export function watchMutant(isAtWork: () => boolean): void {
  globalThis.mutantReached = () => {
    reached.times++;
    if (isAtWork()) reached.atWork++;
  };
}

export function mutantReachedSoFar(): MutantReached {
  return { ...reached };
}
