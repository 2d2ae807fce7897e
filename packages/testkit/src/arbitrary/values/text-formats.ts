import fc from "fast-check";

const hostname = (): fc.Arbitrary<string> => fc.domain();
const ip = (): fc.Arbitrary<string> => fc.oneof(fc.ipV4(), fc.ipV6());
const prefixLength = (bits: number): fc.Arbitrary<number> => fc.nat(bits);
const ipv4WithLength = (): fc.Arbitrary<string> => fc.tuple(fc.ipV4(), prefixLength(32)).map(([address, length]) => `${address}/${length}`);
const ipv6WithLength = (): fc.Arbitrary<string> => fc.tuple(fc.ipV6(), prefixLength(128)).map(([address, length]) => `${address}/${length}`);

/** All bits behind the length are zero. */
const ipv4Prefix = (): fc.Arbitrary<string> =>
  fc.tuple(fc.bigInt(0n, 2n ** 32n - 1n), prefixLength(32)).map(([bits, length]) => {
    const kept = (bits >> BigInt(32 - length)) << BigInt(32 - length);
    return `${[24n, 16n, 8n, 0n].map((shift) => (kept >> shift) & 255n).join(".")}/${length}`;
  });

const ipv6Prefix = (): fc.Arbitrary<string> =>
  fc.tuple(fc.bigInt(0n, 2n ** 128n - 1n), prefixLength(128)).map(([bits, length]) => {
    const kept = (bits >> BigInt(128 - length)) << BigInt(128 - length);
    const groups = Array.from({ length: 8 }, (_, index) => ((kept >> BigInt(112 - 16 * index)) & 0xffffn).toString(16));
    return `${groups.join(":")}/${length}`;
  });

const identifier = (): fc.Arbitrary<string> => fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,9}$/);
const dotted = (): fc.Arbitrary<string> => fc.array(identifier(), { minLength: 1, maxLength: 4 }).map((parts) => parts.join("."));

/** Texts of each format, by the predicate that knows it. */
const formats: Readonly<Record<string, () => fc.Arbitrary<string>>> = {
  isEmail: () => fc.emailAddress(),
  isHostname: hostname,
  isAnyIp: ip,
  isIpv4: () => fc.ipV4(),
  isIpv6: () => fc.ipV6(),
  isUri: () => fc.webUrl({ withFragments: true, withQueryParameters: true }),
  isUriRef: () => fc.oneof(fc.webUrl(), fc.webPath(), fc.constantFrom("", "#top", "?q=1", "../up")),
  isAddress: () => fc.oneof(hostname(), ip()),
  isUuid: () => fc.uuid(),
  isTuuid: () => fc.uuid().map((text) => text.replaceAll("-", "")),
  isIpWithPrefixLength: () => fc.oneof(ipv4WithLength(), ipv6WithLength()),
  isIpv4WithPrefixLength: ipv4WithLength,
  isIpv6WithPrefixLength: ipv6WithLength,
  isAnyIpPrefix: () => fc.oneof(ipv4Prefix(), ipv6Prefix()),
  isIpv4Prefix: ipv4Prefix,
  isIpv6Prefix: ipv6Prefix,
  isHostWithPort: () =>
    fc
      .tuple(
        fc.oneof(
          hostname(),
          fc.ipV4(),
          fc.ipV6().map((address) => `[${address}]`),
        ),
        fc.nat(65_535),
      )
      .map(([host, port]) => `${host}:${port}`),
  isUlid: () => fc.ulid(),
  isProtobufFqn: dotted,
  isProtobufDotFqn: () => dotted().map((name) => `.${name}`),
  isStrictHeaderName: () => fc.stringMatching(/^:?[0-9a-zA-Z!#$%&'*+.^_|~`-]{1,20}$/),
  isLooseHeaderName: () => fc.stringMatching(/^[^\0\r\n]{1,20}$/),
  isStrictHeaderValue: () => fc.stringMatching(/^[\t -~]{0,20}$/),
  isLooseHeaderValue: () => fc.stringMatching(/^[^\0\r\n]{0,20}$/),
};

/** The same, as people write them, where the above are odd. */
const plainFormats: Readonly<Record<string, () => fc.Arbitrary<string>>> = {
  isEmail: () => fc.constantFrom("ada@example.com", "grace@example.org", "alan@example.net"),
  isHostname: () => fc.constantFrom("example.com", "shop.example.org"),
  isAnyIp: () => fc.constantFrom("192.0.2.17", "2001:db8::17"),
  isIpv4: () => fc.constantFrom("192.0.2.17", "198.51.100.4"),
  isIpv6: () => fc.constantFrom("2001:db8::17", "2001:db8::4"),
  isUri: () => fc.constantFrom("https://example.com/orders/17", "https://example.org/about"),
  isUriRef: () => fc.constantFrom("/orders/17", "/about"),
  isAddress: () => fc.constantFrom("example.com", "192.0.2.17"),
  isHostWithPort: () => fc.constantFrom("example.com:443", "192.0.2.17:9092"),
  isProtobufFqn: () => fc.constantFrom("shop.v1.Order", "shop.v1.Item"),
  isProtobufDotFqn: () => fc.constantFrom(".shop.v1.Order", ".shop.v1.Item"),
  isStrictHeaderName: () => fc.constantFrom("content-type", "x-request-id"),
  isLooseHeaderName: () => fc.constantFrom("content-type", "x-request-id"),
  isStrictHeaderValue: () => fc.constantFrom("text/plain", "no-cache"),
  isLooseHeaderValue: () => fc.constantFrom("text/plain", "no-cache"),
};

/** Texts for which a predicate of the runtime holds; undefined where the predicate is not known. */
export function formattedText(test: string, taste: "any" | "plain"): fc.Arbitrary<string> | undefined {
  const make = (taste === "plain" ? plainFormats[test] : undefined) ?? formats[test];
  return make?.();
}
