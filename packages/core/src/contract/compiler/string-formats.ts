import type { OptionValue } from "./options.js";
import type { RulePlan } from "./plan.js";

/** What each well-known format is called in a fault, and the predicate of the runtime that knows it. */
const formats: Readonly<Record<string, { readonly name: string; readonly test: string }>> = {
  email: { name: "a valid email address", test: "isEmail" },
  hostname: { name: "a valid hostname", test: "isHostname" },
  ip: { name: "a valid IP address", test: "isAnyIp" },
  ipv4: { name: "a valid IPv4 address", test: "isIpv4" },
  ipv6: { name: "a valid IPv6 address", test: "isIpv6" },
  uri: { name: "a valid URI", test: "isUri" },
  uri_ref: { name: "a valid URI reference", test: "isUriRef" },
  address: { name: "a valid hostname or IP address", test: "isAddress" },
  uuid: { name: "a valid UUID", test: "isUuid" },
  tuuid: { name: "a valid UUID without dashes", test: "isTuuid" },
  ip_with_prefixlen: { name: "a valid IP address with prefix length", test: "isIpWithPrefixLength" },
  ipv4_with_prefixlen: { name: "a valid IPv4 address with prefix length", test: "isIpv4WithPrefixLength" },
  ipv6_with_prefixlen: { name: "a valid IPv6 address with prefix length", test: "isIpv6WithPrefixLength" },
  ip_prefix: { name: "a valid IP prefix", test: "isAnyIpPrefix" },
  ipv4_prefix: { name: "a valid IPv4 prefix", test: "isIpv4Prefix" },
  ipv6_prefix: { name: "a valid IPv6 prefix", test: "isIpv6Prefix" },
  host_and_port: { name: "a valid host and port", test: "isHostWithPort" },
  ulid: { name: "a valid ULID", test: "isUlid" },
  protobuf_fqn: { name: "a valid fully-qualified Protobuf name", test: "isProtobufFqn" },
  protobuf_dot_fqn: { name: "a valid fully-qualified Protobuf name with a leading dot", test: "isProtobufDotFqn" },
};

/** The check of a well-known format; undefined where the rule is none. */
export function stringFormats(name: string, value: OptionValue, strict: boolean): readonly RulePlan[] | undefined {
  if (name === "well_known_regex") return planHeader(value, strict);
  const format = formats[name];
  if (format === undefined) return undefined;
  if (value !== true) return [];
  const check = name === "uri_ref" ? "stringFormatOrEmpty" : "stringFormat";
  return [{ check, args: [`string.${name}`, format.name, { kind: "function", name: format.test }] }];
}

function planHeader(value: OptionValue, strict: boolean): readonly RulePlan[] | undefined {
  const looseness = strict ? "Strict" : "Loose";
  switch (value) {
    case 1:
      return [planFormat("stringFormat", "header_name", "a valid HTTP header name", `is${looseness}HeaderName`)];
    case 2:
      return [planFormat("stringFormatOrEmpty", "header_value", "a valid HTTP header value", `is${looseness}HeaderValue`)];
    default:
      return undefined;
  }
}

const planFormat = (check: string, rule: string, name: string, test: string): RulePlan => ({
  check,
  args: [`string.well_known_regex.${rule}`, name, { kind: "function", name: test }],
});
