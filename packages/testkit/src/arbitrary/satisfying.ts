import type fc from "fast-check";

/** So many values in a row are refused before the search is given up. */
const usualRejections = 10_000;

/**
 * Those of `values` for which `holds` is true. Unlike a filter of fast-check, which never ends where there are none, this one gives up.
 *
 * @throws what `fail` makes, while values are generated
 */
export function satisfying<T>(
  values: fc.Arbitrary<T>,
  holds: (value: T) => boolean,
  fail: () => Error,
  maxRejections = usualRejections,
): fc.Arbitrary<T> {
  let rejections = 0;
  return values.filter((value) => {
    if (holds(value)) {
      rejections = 0;
      return true;
    }
    if (++rejections > maxRejections) throw fail();
    return false;
  });
}
