import { isHeaderName, isHeaderValue, isHostAndPort, isIp, isIpPrefix } from "../formats/index.js";

/* The predicates of formats, each of one argument, as the rules name them. */

export const isAnyIp = (value: string): boolean => isIp(value);
export const isIpv4 = (value: string): boolean => isIp(value, 4);
export const isIpv6 = (value: string): boolean => isIp(value, 6);
export const isIpWithPrefixLength = (value: string): boolean => isIpPrefix(value);
export const isIpv4WithPrefixLength = (value: string): boolean => isIpPrefix(value, 4);
export const isIpv6WithPrefixLength = (value: string): boolean => isIpPrefix(value, 6);
export const isAnyIpPrefix = (value: string): boolean => isIpPrefix(value, undefined, true);
export const isIpv4Prefix = (value: string): boolean => isIpPrefix(value, 4, true);
export const isIpv6Prefix = (value: string): boolean => isIpPrefix(value, 6, true);
export const isHostWithPort = (value: string): boolean => isHostAndPort(value, true);
export const isStrictHeaderName = (value: string): boolean => isHeaderName(value, true);
export const isLooseHeaderName = (value: string): boolean => isHeaderName(value, false);
export const isStrictHeaderValue = (value: string): boolean => isHeaderValue(value, true);
export const isLooseHeaderValue = (value: string): boolean => isHeaderValue(value, false);
