const uuid = /^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$/;
const trimmedUuid = /^[0-9A-Fa-f]{32}$/;

/** Whether `value` is a UUID in the form of RFC 4122, of any version and in either case: `6ba7b810-9dad-11d1-80b4-00c04fd430c8`. */
export function isUuid(value: string): boolean {
  return uuid.test(value);
}

/** Whether `value` is a UUID without its hyphens: `6ba7b8109dad11d180b400c04fd430c8`. */
export function isTuuid(value: string): boolean {
  return trimmedUuid.test(value);
}
