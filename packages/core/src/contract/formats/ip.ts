import { parseIpv4, parseIpv6 } from "./ip-address.js";

/**
 * Whether `value` is an IP address, of either version or of the one asked for: `192.168.5.21`, `2001:db8::1`, `fe80::a%en1`.
 * Numbers of IPv4 have no leading zeros. The zone of an IPv6 address is any text that is not empty.
 */
export function isIp(value: string, version?: 4 | 6): boolean {
  if (version === 4) return parseIpv4(value) !== undefined;
  if (version === 6) return isIpv6(value);
  return parseIpv4(value) !== undefined || isIpv6(value);
}

function isIpv6(value: string): boolean {
  const zoneAt = value.indexOf("%");
  if (zoneAt === -1) return parseIpv6(value) !== undefined;
  const address = value.slice(0, zoneAt);
  // protovalidate knows no zone after an address that ends in dotted decimal
  return zoneAt < value.length - 1 && !address.includes(".") && parseIpv6(address) !== undefined;
}
