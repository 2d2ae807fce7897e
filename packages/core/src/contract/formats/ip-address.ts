const decimalOctet = /^(?:0|[1-9][0-9]{0,2})$/;
const hexGroup = /^[0-9A-Fa-f]{1,4}$/;

/** Longest texts of an address: `255.255.255.255` and `ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255`. */
const maxIpv4Length = 15;
const maxIpv6Length = 45;

/** The 4 octets of an IPv4 address in dotted decimal without leading zeros, or undefined. */
export function parseIpv4(text: string): readonly number[] | undefined {
  if (text.length > maxIpv4Length) return undefined;
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => decimalOctet.test(part))) return undefined;
  const octets = parts.map(Number);
  return octets.every((octet) => octet <= 255) ? octets : undefined;
}

/** The 16 octets of an IPv6 address without zone, or undefined. Its last 32 bits may be written as an IPv4 address. */
export function parseIpv6(text: string): readonly number[] | undefined {
  if (text.length > maxIpv6Length) return undefined;
  const [head = "", tail, ...more] = text.split("::");
  if (more.length > 0) return undefined;
  if (tail === undefined) {
    const octets = octetsOfGroups(head, true);
    return octets?.length === 16 ? octets : undefined;
  }
  const left = octetsOfGroups(head, false);
  const right = octetsOfGroups(tail, true);
  if (left === undefined || right === undefined) return undefined;
  // "::" stands for at least one group
  const zeros = 16 - left.length - right.length;
  return zeros >= 2 ? [...left, ...new Array<number>(zeros).fill(0), ...right] : undefined;
}

/** The octets of groups such as `2001:db8`; the last may be an IPv4 address where `mayEndInIpv4`. */
function octetsOfGroups(text: string, mayEndInIpv4: boolean): readonly number[] | undefined {
  if (text === "") return [];
  const octets: number[] = [];
  const groups = text.split(":");
  for (const [index, group] of groups.entries()) {
    if (hexGroup.test(group)) {
      const bits = Number.parseInt(group, 16);
      octets.push(bits >> 8, bits & 0xff);
      continue;
    }
    const ipv4 = mayEndInIpv4 && index === groups.length - 1 ? parseIpv4(group) : undefined;
    if (ipv4 === undefined) return undefined;
    octets.push(...ipv4);
  }
  return octets;
}
