import { isIp } from "./ip.js";

const unreserved = "A-Za-z0-9\\-._~";
const subDelims = "!$&'()*+,;=";

/** Finds what is neither one of `allowed` nor a percent-encoded octet. */
function findsOtherThan(allowed: string): RegExp {
  return new RegExp(`[^${allowed}%]|%(?![0-9A-Fa-f]{2})`);
}

const scheme = /^[A-Za-z][A-Za-z0-9+.-]*$/;
const notInUserinfo = findsOtherThan(`${unreserved}${subDelims}:`);
const notInRegName = findsOtherThan(`${unreserved}${subDelims}`);
const notInZone = findsOtherThan(unreserved);
const notInPath = findsOtherThan(`${unreserved}${subDelims}:@/`);
const notInQuery = findsOtherThan(`${unreserved}${subDelims}:@/?`);
const notDigit = /[^0-9]/;
const hexGroups = /^[0-9A-Fa-f:]*$/;
const futureAddress = new RegExp(`^v[0-9A-Fa-f]+\\.[${unreserved}${subDelims}:]+$`);

/** Whether `value` is an absolute URI of RFC 3986, such as `https://example.com/foo?bar#baz`; IPv6 hosts may have a zone (RFC 6874). */
export function isUri(value: string): boolean {
  const { beforeQuery, query, fragment } = split(value);
  const colon = beforeQuery.indexOf(":");
  return (
    colon !== -1 &&
    scheme.test(beforeQuery.slice(0, colon)) &&
    isAuthorityAndPath(beforeQuery.slice(colon + 1)) &&
    isQueryAndFragment(query, fragment)
  );
}

/** Whether `value` is a URI as in `isUri`, or a relative reference such as `./foo?bar`, `//example.com` or the empty string. */
export function isUriRef(value: string): boolean {
  return isUri(value) || isRelativeRef(value);
}

function isRelativeRef(value: string): boolean {
  const { beforeQuery, query, fragment } = split(value);
  // a colon in the first segment of a relative path would make that segment a scheme
  const isNoScheme = beforeQuery.startsWith("/") || !beforeQuery.split("/", 1).join().includes(":");
  return isNoScheme && isAuthorityAndPath(beforeQuery) && isQueryAndFragment(query, fragment);
}

/** A fragment begins at the first number sign, a query at the first question mark before it. */
function split(value: string): { beforeQuery: string; query: string; fragment: string } {
  const hash = value.indexOf("#");
  const beforeFragment = hash === -1 ? value : value.slice(0, hash);
  const mark = beforeFragment.indexOf("?");
  return {
    beforeQuery: mark === -1 ? beforeFragment : beforeFragment.slice(0, mark),
    query: mark === -1 ? "" : beforeFragment.slice(mark + 1),
    fragment: hash === -1 ? "" : value.slice(hash + 1),
  };
}

function isQueryAndFragment(query: string, fragment: string): boolean {
  return !notInQuery.test(query) && !notInQuery.test(fragment);
}

/** `"//" authority path`, or a path alone. */
function isAuthorityAndPath(text: string): boolean {
  if (!text.startsWith("//")) return !notInPath.test(text);
  const slash = text.indexOf("/", 2);
  const end = slash === -1 ? text.length : slash;
  return isAuthority(text.slice(2, end)) && !notInPath.test(text.slice(end));
}

/** `[ userinfo "@" ] host [ ":" port ]` */
function isAuthority(authority: string): boolean {
  const at = authority.indexOf("@");
  if (notInUserinfo.test(authority.slice(0, Math.max(at, 0)))) return false;
  const hostAndPort = authority.slice(at + 1);
  const hostEnd = hostAndPort.startsWith("[") ? hostAndPort.indexOf("]") + 1 : endOfRegName(hostAndPort);
  const port = hostAndPort.slice(hostEnd);
  return isHost(hostAndPort.slice(0, hostEnd)) && (port === "" || (port.startsWith(":") && !notDigit.test(port.slice(1))));
}

function endOfRegName(hostAndPort: string): number {
  const colon = hostAndPort.indexOf(":");
  return colon === -1 ? hostAndPort.length : colon;
}

function isHost(host: string): boolean {
  const isForm = host.startsWith("[") ? isIpLiteral(host.slice(1, -1)) : !notInRegName.test(host);
  return isForm && isPercentEncodedUtf8(host);
}

/** `IPv6address / IPv6address "%25" zone / IPvFuture` */
function isIpLiteral(text: string): boolean {
  const zoneAt = text.indexOf("%25");
  const address = zoneAt === -1 ? text : text.slice(0, zoneAt);
  const zone = zoneAt === -1 ? undefined : text.slice(zoneAt + 3);
  // protovalidate knows no dotted decimal in the IPv6 address of a URI
  if (hexGroups.test(address) && isIp(address, 6)) return zone === undefined || (zone !== "" && !notInZone.test(zone));
  return futureAddress.test(text);
}

/** RFC 3986, 3.2.2: octets that are percent-encoded in a host are UTF-8. */
function isPercentEncodedUtf8(host: string): boolean {
  if (!host.includes("%")) return true;
  try {
    decodeURIComponent(host);
    return true;
  } catch {
    return false;
  }
}
