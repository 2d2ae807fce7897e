/**
 * What a call for one key answers. What follows a record that is tried again has to be written again after it, whatever became of it: so it counts as not
 * tried, and the engine has it tried when its turn has come.
 */
export function inOrder<Outcome>(
  outcomes: readonly Outcome[],
  isTriedAgain: (outcome: Outcome, index: number) => boolean,
): readonly (Outcome | undefined)[] {
  const first = outcomes.findIndex(isTriedAgain);
  return first === -1 ? outcomes : outcomes.map((outcome, index) => (index > first ? undefined : outcome));
}
