/* Where a part of an expression fails, the rest may decide all the same: false && error is false, as error && false is. */

export const and = (left: () => boolean, right: () => boolean): boolean => decide(left, right, false);
export const or = (left: () => boolean, right: () => boolean): boolean => decide(left, right, true);

function decide(left: () => boolean, right: () => boolean, deciding: boolean): boolean {
  let failure: unknown;
  try {
    if (left() === deciding) return deciding;
    return right();
  } catch (error) {
    failure = error;
  }
  // either the left side failed, or the right one after the left did not decide
  if (right() === deciding) return deciding;
  throw failure;
}

/** `list.all`, where the test of an item may fail: another item may decide. */
export const allOf = <T>(list: readonly T[], test: (item: T) => boolean): boolean => !findsDeciding(list, test, false);
export const existsIn = <T>(list: readonly T[], test: (item: T) => boolean): boolean => findsDeciding(list, test, true);

function findsDeciding<T>(list: readonly T[], test: (item: T) => boolean, deciding: boolean): boolean {
  let failure: { readonly error: unknown } | undefined;
  for (const item of list) {
    try {
      if (test(item) === deciding) return true;
    } catch (error) {
      failure ??= { error };
    }
  }
  if (failure !== undefined) throw failure.error;
  return false;
}

export function existsOneIn<T>(list: readonly T[], test: (item: T) => boolean): boolean {
  let count = 0;
  for (const item of list) if (test(item)) count++;
  return count === 1;
}

/** The value of a oneof where its case is `name`. */
export function caseOf<O extends { readonly case: string; readonly value: unknown }, N extends O["case"]>(
  oneof: O | undefined,
  name: N,
): Extract<O, { readonly case: N }>["value"] | undefined {
  return oneof?.case === name ? oneof.value : undefined;
}
