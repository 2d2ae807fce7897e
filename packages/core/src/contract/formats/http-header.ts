// A comma is no token character in RFC 7230, but every implementation of protovalidate lets it pass.
const strictName = /^:?[0-9A-Za-z!#$%&'*+,\-.^_|~`]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what a header may not hold
const notInStrictValue = /[\u0000-\u0008\u000A-\u001F\u007F]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const notInLooseHeader = /[\u0000\n\r]/;

/**
 * Whether `value` is the name of an HTTP header: `content-type`; where `strict`, token characters only, after one colon at most (a
 * pseudo-header of HTTP/2); else any text without NUL, CR and LF. Never empty.
 */
export function isHeaderName(value: string, strict: boolean): boolean {
  return strict ? strictName.test(value) : value !== "" && !notInLooseHeader.test(value);
}

/**
 * Whether `value` is the value of an HTTP header; where `strict`, without control characters other than the tab; else without NUL, CR
 * and LF. May be empty.
 */
export function isHeaderValue(value: string, strict: boolean): boolean {
  return !(strict ? notInStrictValue : notInLooseHeader).test(value);
}
