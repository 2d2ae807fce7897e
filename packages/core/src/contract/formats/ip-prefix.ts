import { parseIpv4, parseIpv6 } from "./ip-address.js";

const decimal = /^(?:0|[1-9][0-9]{0,2})$/;

/**
 * Whether `value` is an IP address with a prefix length, of either version or of the one asked for: `192.168.5.21/16`,
 * `2001:db8::f1/64`. Where `strict`, the bits after the prefix are all zero: `192.168.0.0/16`. No zone.
 */
export function isIpPrefix(value: string, version?: 4 | 6, strict = false): boolean {
  if (version === undefined) return isPrefix(value, parseIpv4, strict) || isPrefix(value, parseIpv6, strict);
  return isPrefix(value, version === 4 ? parseIpv4 : parseIpv6, strict);
}

function isPrefix(value: string, parse: (text: string) => readonly number[] | undefined, strict: boolean): boolean {
  const slash = value.indexOf("/");
  if (slash === -1) return false;
  const octets = parse(value.slice(0, slash));
  const digits = value.slice(slash + 1);
  if (octets === undefined || !decimal.test(digits)) return false;
  const length = Number(digits);
  return length <= octets.length * 8 && (!strict || isZeroAfter(octets, length));
}

function isZeroAfter(octets: readonly number[], bits: number): boolean {
  return octets.every((octet, index) => {
    const keptBits = Math.min(8, Math.max(0, bits - index * 8));
    return (octet & (0xff >> keptBits)) === 0;
  });
}
