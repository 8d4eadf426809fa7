// Addresses from which credentials were valid: a principal with very many of them drives out its own alone.
import { expect, test } from "vitest";
import { LIMITS } from "../../src/primitives/limits.ts";
import { KnownAddresses } from "../../src/transport/known-addresses.ts";

const { knownAddressesOfPrincipalMax: OF_ONE, clientsRemembered: ALL } = LIMITS;

test("T9: of each principal the last addresses are known, and those of others stay", () => {
  const known = new KnownAddresses();
  known.add("bank", "token:bank");
  for (let i = 0; i < 2 * ALL; i++) known.add(`shop ${i}`, "token:shop");
  expect(known.has("bank")).toBe(true);
  const held = Array.from({ length: 2 * ALL }, (_, i) => known.has(`shop ${i}`));
  expect(held.filter(Boolean)).toHaveLength(OF_ONE);
  expect(held.lastIndexOf(false)).toBe(2 * ALL - OF_ONE - 1);
});

test("T9: an address of two principals is known until both have left it", () => {
  const known = new KnownAddresses();
  known.add("office", "token:bank");
  for (let i = 0; i < OF_ONE; i++) known.add(`shop ${i}`, "token:shop");
  known.add("office", "token:shop");
  for (let i = 0; i < OF_ONE; i++) known.add(`shop ${i}`, "token:shop");
  expect(known.has("office")).toBe(true);
  for (let i = 0; i < OF_ONE; i++) known.add(`bank ${i}`, "token:bank");
  expect(known.has("office")).toBe(false);
});

test("T9: the addresses of the principals that have called last are known", () => {
  const known = new KnownAddresses();
  for (let i = 0; i <= ALL; i++) known.add(`address ${i}`, `token:${i}`);
  expect(known.has("address 0")).toBe(false);
  expect(known.has("address 1")).toBe(true);
  expect(known.has(`address ${ALL}`)).toBe(true);
});
