/** What user code a stream has begun or ended last. Two fields and no clock: it is written at every call. */
export const currentWork = { group: "", stage: "", turn: 0 };

let turn = 0;

/** A call of user code begins or has ended. */
export function noteWork(group: string, stage: string): void {
  currentWork.group = group;
  currentWork.stage = stage;
  currentWork.turn = turn;
}

/**
 * For who watches the event loop: whose user code began or ended last since the last call of this, undefined where none did.
 *
 * @internal
 */
export function takeCurrentWork(): { readonly group: string; readonly stage: string } | undefined {
  const { group, stage } = currentWork;
  const isNew = turn > 0 && currentWork.turn === turn;
  turn++;
  return isNew ? { group, stage } : undefined;
}
