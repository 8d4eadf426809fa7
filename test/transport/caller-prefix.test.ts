/**
 * Callers are told apart by a part of the address that they cannot choose freely: an IPv4 address, or the first half
 * of an IPv6 one.
 */
import { BlockList } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { callerPrefix } from "../../src/transport/call-bounds.ts";

const placeOf = (remoteAddress?: string) => callerPrefix({ remoteAddress });

describe("where a caller comes from", () => {
  it.each([
    ["192.0.2.7", "192.0.2.7"],
    ["::ffff:192.0.2.7", "192.0.2.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:0DB8:1:2::", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    [undefined, ""],
  ])("of %s is %s", (address, place) => {
    expect(placeOf(address)).toBe(place);
  });

  it("is the same for two IPv6 addresses exactly if one network of 64 bits has both", () => {
    const address = fc.ipV6().filter((text) => !text.includes("."));
    const near = fc
      .tuple(address, fc.integer({ min: 0, max: 65_535 }), fc.integer({ min: 0, max: 7 }))
      .map(([text, group, place]): [string, string] => {
        const groups = new URL(`http://[${text}]`).hostname.slice(1, -1);
        return [text, changed(groups, place, group)];
      });
    fc.assert(
      fc.property(fc.oneof(near, fc.tuple(address, address)), ([left, right]) => {
        const network = new BlockList();
        network.addSubnet(left, 64, "ipv6");
        expect(placeOf(left) === placeOf(right)).toBe(network.check(right, "ipv6"));
      }),
      { numRuns: 1_000 },
    );
  });
});

/** The address with another group of 16 bits at `place`, in full form. */
function changed(address: string, place: number, group: number): string {
  const [head = "", tail] = address.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = new Array<string>(8 - left.length - right.length).fill("0");
  return [...left, ...zeros, ...right].with(place, group.toString(16)).join(":");
}
