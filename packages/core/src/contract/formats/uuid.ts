const trimmedUuid = /^[0-9A-Fa-f]{32}$/;

/** Whether `value` is a UUID in the form of RFC 4122, of any version and in either case: `6ba7b810-9dad-11d1-80b4-00c04fd430c8`. */
export function isUuid(value: string): boolean {
  if (value.length !== 36) return false;
  // a loop takes a third of the time of an expression
  for (let index = 0; index < 36; index++) {
    const character = value.charCodeAt(index);
    if (index === 8 || index === 13 || index === 18 || index === 23) {
      if (character !== 0x2d) return false;
    } else if (!isHexDigit(character)) return false;
  }
  return true;
}

/** Whether `value` is a UUID without its hyphens: `6ba7b8109dad11d180b400c04fd430c8`. */
export function isTuuid(value: string): boolean {
  return trimmedUuid.test(value);
}

/** Letters differ from small ones in one bit. */
const isHexDigit = (character: number): boolean =>
  (character >= 0x30 && character <= 0x39) || ((character | 0x20) >= 0x61 && (character | 0x20) <= 0x66);
