/**
 * Where a caller comes from, for counting: an IPv4 address, or of an IPv6 address the first 64 bits. Whoever has one
 * address of such a network has all of them (RFC 6177 section 2), and would otherwise count as so many callers.
 */
import { isIPv6, type Socket } from "node:net";

const GROUPS = 8;
const NETWORK_GROUPS = 4;

export function callerPlace({ remoteAddress = "" }: Pick<Socket, "remoteAddress">): string {
  const [address = ""] = remoteAddress.split("%");
  if (!isIPv6(address)) return address;
  // IPv4 on a socket that takes both (RFC 4291 section 2.5.5.2).
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? [];
  if (mapped !== undefined) return mapped;
  const [head = [], tail = []] = address
    .split("::")
    .map((side) => (side === "" ? [] : side.split(":")));
  const missing = address.includes("::") ? GROUPS - head.length - tail.length : 0;
  const groups = [...head, ...new Array<string>(Math.max(0, missing)).fill("0"), ...tail];
  const network = groups.slice(0, NETWORK_GROUPS).map((group) => Number.parseInt(group, 16));
  return `${network.map((group) => group.toString(16)).join(":")}::/64`;
}
