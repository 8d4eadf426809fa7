// The addresses to which a node posts: special ones, in each of their spellings, are none of the public internet.
import { describe, expect, it } from "vitest";
import { addressKind } from "../../src/transport/outbound-address.ts";
import { parseWebhookUrl } from "../../src/transport/webhook-url.ts";

const KINDS = {
  public: ["8.8.8.8", "100.63.255.255", "100.128.0.0", "::ffff:8.8.8.8", "2606:4700::1111"],
  private: [
    ...["127.0.0.1", "127.255.255.255", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.0.1"],
    ...["100.64.0.1", "::1", "fd12::1", "::ffff:127.0.0.1", "::ffff:a00:1"],
  ],
  never: [
    ...["0.0.0.0", "169.254.169.254", "::ffff:169.254.169.254", "224.0.0.1", "255.255.255.255"],
    ...["192.0.2.1", "198.18.0.1", "203.0.113.9", "::", "fe80::1", "ff02::1", "64:ff9b::a00:1"],
    ...["2002:7f00:1::", "2001::1", "2001:db8::1", "::7f00:1"],
  ],
} as const;

describe("an address", () => {
  for (const [kind, addresses] of Object.entries(KINDS)) {
    it.each(addresses)(`%s is ${kind}`, (address) => expect(addressKind(address)).toBe(kind));
  }
});

const REFUSED = {
  "example.org/x": /is no URL/,
  "ftp://example.org/": /must begin with https/,
  "http://example.org/": /must begin with https/,
  "http://8.8.8.8/": /must begin with https/,
  "https://user:secret@example.org/": /has a user name or password/,
  "https://example.org/#x": /has a fragment/,
  "https://127.0.0.1/": /needs leave/,
  "https://2130706433/": /needs leave/,
  "https://0x7f.1/": /needs leave/,
  "https://[::1]/": /needs leave/,
  "https://[::ffff:10.0.0.1]/": /needs leave/,
  "https://LOCALHOST:8443/": /needs leave/,
  "http://localhost/": /needs leave/,
  "https://169.254.169.254/latest/meta-data": /is never used/,
  [`https://example.org/${"x".repeat(2_000)}`]: /is longer than 2000/,
  [`https://example.org/${"ü".repeat(1_000)}`]: /is longer than 2000 characters when encoded/,
};

describe("the URL of an endpoint", () => {
  it.each(Object.entries(REFUSED))("%.60s is refused", (text, problem) => {
    expect(parseWebhookUrl(text, false)).toEqual({ problem: expect.stringMatching(problem) });
  });

  it("is an https URL, and on loopback an http one, with leave", () => {
    const shop = "https://shop.example.org/payments?x=1";
    expect(parseWebhookUrl(shop, false)).toMatchObject({ href: shop });
    for (const text of ["http://127.0.0.1:8080/x", "http://[::1]/x", "https://10.0.0.1/x"]) {
      expect(parseWebhookUrl(text, true)).toMatchObject({ href: text });
    }
    expect(parseWebhookUrl("https://169.254.169.254/", true)).toHaveProperty("problem");
    expect(parseWebhookUrl("http://10.0.0.1/", true)).toHaveProperty("problem");
  });
});
