import { describe, expect, it } from "vitest";
import { parseLoopback } from "../../../src/node/files/config.ts";

describe("an address on loopback", () => {
  it.each([
    ["127.0.0.1:7001", { host: "127.0.0.1", port: 7001 }],
    ["127.255.0.9:65535", { host: "127.255.0.9", port: 65_535 }],
    ["localhost:1", { host: "localhost", port: 1 }],
    ["[::1]:443", { host: "::1", port: 443 }],
  ])("is %s", (text, address) => {
    expect(parseLoopback(text)).toEqual(address);
  });

  it.each([
    "127.example.org:7001",
    "127.0.0.1.example.org:7001",
    "127.0.0.256:7001",
    "127.0.0:7001",
    "128.0.0.1:7001",
    "0.0.0.0:7001",
    "localhost.example.org:7001",
    "[::2]:7001",
    "127.0.0.1",
    "127.0.0.1:0",
    "127.0.0.1:65536",
    "127.0.0.1:7001\n",
    "",
  ])("is not %j", (text) => {
    expect(parseLoopback(text)).toBeUndefined();
  });
});
