// Addresses as operators write them: what is read, and what is no address, on loopback, or stands for all of a machine's.
import { isIPv4, isIPv6 } from "node:net";
import { describe, expect, it } from "vitest";
import {
  formatNetworkAddress,
  isLoopback,
  isNetworkAddress,
  isNumericHost,
  isUnspecified,
  parseNetworkAddress,
} from "../../src/primitives/network-address.ts";

const GOOD: readonly (readonly [string, string, number])[] = [
  ["127.0.0.1:7001", "127.0.0.1", 7001],
  ["0.0.0.0:1", "0.0.0.0", 1],
  ["192.0.2.1:65535", "192.0.2.1", 65_535],
  ["localhost:1", "localhost", 1],
  ["alpha.example:7101", "alpha.example", 7101],
  ["Alpha-1.Example:7101", "Alpha-1.Example", 7101],
  ["node_1:7101", "node_1", 7101],
  ["a:1", "a", 1],
  ["[::1]:443", "::1", 443],
  ["[::]:443", "::", 443],
  ["[2001:DB8::a]:443", "2001:DB8::a", 443],
  ["[1:2:3:4:5:6:7:8]:443", "1:2:3:4:5:6:7:8", 443],
  ["[1:2:3:4:5:6:7::]:443", "1:2:3:4:5:6:7::", 443],
  ["[::ffff:192.0.2.1]:443", "::ffff:192.0.2.1", 443],
  [`${"a".repeat(63)}.${"b".repeat(63)}:1`, `${"a".repeat(63)}.${"b".repeat(63)}`, 1],
];

const BAD: readonly string[] = [
  "",
  ":7001",
  "127.0.0.1",
  "127.0.0.1:",
  "127.0.0.1:0",
  "127.0.0.1:65536",
  "127.0.0.1:123456",
  "127.0.0.1:7001\n",
  " 127.0.0.1:7001",
  "127.0.0.256:7001",
  "127.0.0.01:7001",
  "127.0.0:7001",
  "127.1:7001",
  "1:7001",
  "0x7f000001:7001",
  "a.0x7f:7001",
  "https://alpha.example:7001",
  "alpha..example:7001",
  ".alpha:7001",
  "alpha.:7001",
  "-alpha:7001",
  "alpha-:7001",
  "al pha:7001",
  "alpha/b:7001",
  "user@alpha:7001",
  `${"a".repeat(64)}:1`,
  `${"a.".repeat(127)}aa:1`,
  "::1:7001",
  "[::1]",
  "[::1]7001",
  "[]:7001",
  "[:]:7001",
  "[:::]:7001",
  "[1:2:3:4:5:6:7]:7001",
  "[1:2:3:4:5:6:7:8:9]:7001",
  "[1:2:3:4:5:6:7:8::]:7001",
  "[1::2::3]:7001",
  "[12345::]:7001",
  "[fe80::1%eth0]:7001",
  "[1.2.3.4::]:7001",
  "[1.2.3.4]:7001",
  "[::1.2.3.256]:7001",
  "[alpha.example]:7001",
];

describe("an address", () => {
  it.each(GOOD)("is %s", (text, host, port) => {
    expect(parseNetworkAddress(text)).toEqual({ host, port });
    expect(formatNetworkAddress({ host, port })).toBe(text);
  });

  it.each(BAD)("is not %j", (text) => {
    expect(parseNetworkAddress(text)).toBeUndefined();
    expect(isNetworkAddress(text)).toBe(false);
  });

  it.each([...GOOD.map(([text]) => text), ...BAD])("%j is read as Node reads it", (text) => {
    const host = parseNetworkAddress(text)?.host ?? text.replace(/^\[([^\]]*)\]:.*$/, "$1");
    const isNumeric = isIPv4(host) || (isIPv6(host) && !host.includes("%"));
    expect(isNumericHost(host)).toBe(isNumeric);
  });

  it("is what a URL takes it for, so that nothing else is dialled than was checked", () => {
    for (const [text, host] of GOOD) {
      const { hostname } = new URL(`https://${text}`);
      if (isIPv6(host)) expect(isIPv6(hostname.replace(/^\[|\]$/g, ""))).toBe(true);
      else expect(hostname).toBe(host.toLowerCase());
    }
  });
});

describe("a listener's address", () => {
  it.each([
    "127.0.0.1",
    "127.255.0.9",
    "localhost",
    "LOCALHOST",
    "::1",
    "0:0:0:0:0:0:0:1",
    "::ffff:127.0.0.1",
  ])("is on loopback: %s", (host) => {
    expect(isLoopback(host)).toBe(true);
    expect(isUnspecified(host)).toBe(false);
  });

  it.each(["0.0.0.0", "::", "0:0::0", "::ffff:0.0.0.0"])(
    "is every one of its machine: %s",
    (host) => {
      expect(isUnspecified(host)).toBe(true);
      expect(isLoopback(host)).toBe(false);
    },
  );

  it.each([
    "128.0.0.1",
    "127.example.org",
    "127.0.0.1.example.org",
    "localhost.example.org",
    "192.0.2.1",
    "::2",
    "1::1",
    "::1:1",
    "2001:db8::1",
    "::ffff:192.0.2.1",
    "alpha",
  ])("is neither: %s", (host) => {
    expect(isLoopback(host)).toBe(false);
    expect(isUnspecified(host)).toBe(false);
  });

  it("is nothing that others could dial, if it is every one of its machine", () => {
    for (const text of ["0.0.0.0:7001", "[::]:7001", "[::ffff:0:0]:7001"]) {
      expect(parseNetworkAddress(text)).toBeDefined();
      expect(isNetworkAddress(text)).toBe(false);
    }
  });
});
