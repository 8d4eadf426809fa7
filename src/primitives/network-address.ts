/** The written form of a place on a network, host:port, which everything that names one is held to. */
import { LIMITS } from "./limits.ts";

const FORM = /^([A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\]):([0-9]{1,5})$/;
const PORT_MAX = 65_535;

/** The form in words. */
export const ADDRESS_FORM = "host:port, with a port from 1 to 65535";

/** True for a host name, an IPv4 address or an IPv6 address in brackets, with a port that can be connected to. */
export function isNetworkAddress(text: string): boolean {
  const [, host, port] = FORM.exec(text) ?? [];
  if (host === undefined || text.length > LIMITS.addressLengthMax) return false;
  return Number(port) >= 1 && Number(port) <= PORT_MAX;
}
