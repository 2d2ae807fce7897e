import { isHostname } from "./hostname.js";
import { isIp } from "./ip.js";

const decimal = /^(?:0|[1-9][0-9]{0,4})$/;
const maxPort = 65535;

/**
 * Whether `value` is a host and a port, separated by a colon: `example.com:8080`, `192.168.0.1:80`, `[::1]:443`. Without
 * `portRequired` the host may stand alone. The port is 0 to 65535, without leading zeros.
 */
export function isHostAndPort(value: string, portRequired: boolean): boolean {
  if (value.startsWith("[")) {
    // a zone may hold brackets and colons itself, so the last bracket is the one that closes
    const end = value.lastIndexOf("]");
    if (end === -1 || !isIp(value.slice(1, end), 6)) return false;
    const rest = value.slice(end + 1);
    return rest === "" ? !portRequired : rest.startsWith(":") && isPort(rest.slice(1));
  }
  const colon = value.lastIndexOf(":");
  if (colon === -1) return !portRequired && isHost(value);
  return isHost(value.slice(0, colon)) && isPort(value.slice(colon + 1));
}

function isHost(text: string): boolean {
  return isHostname(text) || isIp(text, 4);
}

function isPort(text: string): boolean {
  return decimal.test(text) && Number(text) <= maxPort;
}
