import { isHostname } from "./hostname.js";
import { isIp } from "./ip.js";

/** Whether `value` is a hostname or an IP address of either version: `example.com`, `192.168.0.1`, `::1`. */
export function isAddress(value: string): boolean {
  return isHostname(value) || isIp(value);
}
