// Crockford's base 32 has no I, L, O, U; 26 digits of 5 bits hold 130, so the first is at most 7
const ulid = /^[0-7][0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{25}$/;

/** Whether `value` is a ULID, in either case: `01ARZ3NDEKTSV4RRFFQ69G5FAV`. */
export function isUlid(value: string): boolean {
  return ulid.test(value);
}
