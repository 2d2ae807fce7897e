import { isHostAndPort as isHostAndPortOf, isIp as isIpOf, isIpPrefix as isIpPrefixOf } from "../../formats/index.js";

export { isEmail, isHostname, isUri, isUriRef } from "../../formats/index.js";

export const isHostAndPort = (text: string, portRequired: boolean): boolean => isHostAndPortOf(text, portRequired);

/** `version` is 4, 6, or 0 for both; there are no addresses of others. */
export const isIp = (text: string, version: number | bigint = 0): boolean => {
  const known = versionOf(version);
  return known !== undefined && isIpOf(text, ...known);
};

export const isIpPrefix = (text: string, version: number | bigint, strict: boolean): boolean => {
  const known = versionOf(version);
  return known !== undefined && isIpPrefixOf(text, known[0], strict);
};

function versionOf(version: number | bigint): readonly [] | readonly [4 | 6] | undefined {
  const number = Number(version);
  if (number === 0) return [];
  return number === 4 || number === 6 ? [number] : undefined;
}
