import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { toHex, utf8 } from "../../src/primitives/bytes.ts";
import {
  deriveWalletId,
  parseUuid,
  type Uuid,
  uuidFromBytes,
  uuidToBytes,
} from "../../src/primitives/ids.ts";

const sha256 = (data: Uint8Array) => new Uint8Array(createHash("sha256").update(data).digest());
const creationId = "00000000-0000-4000-8000-000000000001" as Uuid;
const networkId = new Uint8Array(32).fill(1);
const publicKey = new Uint8Array(32).fill(2);

describe("identifiers", () => {
  it.each([
    "F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6",
    "f81d4fae7dec11d0a76500a0c91e6bf6",
    "{f81d4fae-7dec-11d0-a765-00a0c91e6bf6}",
    "",
  ])("refuse %j", (text) => {
    expect(parseUuid(text)).toBeUndefined();
  });

  it("survive the way to bytes and back", () => {
    const id = parseUuid("f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
    expect(id).toBeDefined();
    expect(uuidFromBytes(uuidToBytes(id as Uuid))).toBe(id);
  });

  it("L5: derive a wallet's id as a UUIDv8 of the first 122 bits of SHA-256", () => {
    const tag = "countersign/v1/wallet-id";
    const signed = new Uint8Array([
      tag.length,
      ...utf8(tag),
      ...networkId,
      ...publicKey,
      ...uuidToBytes(creationId),
    ]);
    const bits = BigInt(`0x${toHex(sha256(signed))}`)
      .toString(2)
      .padStart(256, "0")
      .slice(0, 122);
    const expected = `${bits.slice(0, 48)}1000${bits.slice(48, 60)}10${bits.slice(60)}`;
    const id = deriveWalletId(sha256, { networkId, publicKey, creationId });
    expect(BigInt(`0x${id.replaceAll("-", "")}`)).toBe(BigInt(`0b${expected}`));
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it("differ when the key, the network or the creation id differs", () => {
    const ids = new Set([
      deriveWalletId(sha256, { networkId, publicKey, creationId }),
      deriveWalletId(sha256, { networkId: publicKey, publicKey, creationId }),
      deriveWalletId(sha256, { networkId, publicKey: networkId, creationId }),
      deriveWalletId(sha256, {
        networkId,
        publicKey,
        creationId: "00000000-0000-4000-8000-000000000002" as Uuid,
      }),
    ]);
    expect(ids.size).toBe(4);
  });
});
