/** A `float` has the value that arrives. */
export const toFloat = (value: number): number => Math.fround(value);

export const isNotZero = (value: number): boolean => !Object.is(value, 0);

export const isNan = (value: number): boolean => Number.isNaN(value);

/** Whether `value` is infinite; with a `sign` above or below 0 only so. */
export function isInf(value: number, sign: number | bigint = 0): boolean {
  return (sign >= 0 && value === Number.POSITIVE_INFINITY) || (sign <= 0 && value === Number.NEGATIVE_INFINITY);
}
