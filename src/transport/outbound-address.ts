/**
 * The addresses to which a node may post: its operators name the endpoints, and one of them may have no business in the networks
 * that the node's machine reaches. By default these are addresses of the public internet alone; loopback and private ones need
 * leave. Link-local ones, where clouds serve the credentials of a machine, are never used, and no multicast ones.
 */
import { BlockList, isIPv4 } from "node:net";

export type AddressKind = "public" | "private" | "never";

/** Loopback, RFC 1918, RFC 6598, and unique local addresses (RFC 4193). */
const PRIVATE = blockList([
  ["127.0.0.0", 8],
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["100.64.0.0", 10],
  ["::1", 128],
  ["fc00::", 7],
]);

/** The rest of the special-purpose addresses of IPv4 (RFC 6890), and multicast and reserved ones. */
const NEVER_IPV4 = blockList([
  ["0.0.0.0", 8],
  ["169.254.0.0", 16],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
]);

const GLOBAL_IPV6 = blockList([["2000::", 3]]);
/** Of these: documentation, and ways to IPv4 addresses that this list would not see (Teredo, 6to4). */
const NEVER_IPV6 = blockList([
  ["2001::", 32],
  ["2001:db8::", 32],
  ["2002::", 16],
]);
/** ::ffff:0:0/96. */
const MAPPED = blockList([["::ffff:0:0", 96]]);

/** `address`: IPv4 or IPv6, as a resolver gives it. */
export function addressKind(address: string): AddressKind {
  const isOfIpv4 = isIPv4(address);
  const family = isOfIpv4 ? "ipv4" : "ipv6";
  // BlockList sees the IPv4 address in a mapped one.
  if (PRIVATE.check(address, family)) return "private";
  if (NEVER_IPV4.check(address, family)) return "never";
  if (isOfIpv4 || MAPPED.check(address, family)) return "public";
  const isGlobal = GLOBAL_IPV6.check(address, family) && !NEVER_IPV6.check(address, family);
  return isGlobal ? "public" : "never";
}

function blockList(subnets: readonly (readonly [network: string, prefix: number])[]): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of subnets) {
    list.addSubnet(network, prefix, isIPv4(network) ? "ipv4" : "ipv6");
  }
  return list;
}
