import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createLedgerContext } from "../../src/ledger/context.ts";
import {
  appendEntry,
  decodeWalletRecord,
  emptyWallet,
  encodeWalletRecord,
  namesSponsor,
  type WalletRecord,
  walletRecordPrefix,
  walletTrieKey,
} from "../../src/ledger/wallet-record.ts";
import { sha256 } from "../../src/node/base/crypto.ts";
import { AMOUNT_MAX, amount } from "../../src/primitives/amount.ts";
import { type Bytes, concatBytes, fromHex, toHex, utf8 } from "../../src/primitives/bytes.ts";
import { EncodingError } from "../../src/primitives/encoding.ts";
import { uuidFromBytes, uuidToBytes } from "../../src/primitives/ids.ts";
import { LIMITS } from "../../src/primitives/limits.ts";
import { height, validatorIndex } from "../../src/primitives/numbers.ts";
import { createNetwork } from "./fixture.ts";

const NETWORK = new Uint8Array(32).fill(0xaa);
const record: WalletRecord = {
  id: uuidFromBytes(new Uint8Array(16).fill(0x11)),
  publicKey: new Uint8Array(32).fill(0x22),
  asset: 3,
  balance: amount(258n),
  statementHead: new Uint8Array(32).fill(0x33),
  entries: 4,
};

/** Bytes from hexadecimal parts: the layouts are written by hand here. */
function layout(tag: string, ...parts: string[]): Bytes {
  const text = utf8(tag);
  const rest = fromHex(parts.join(""));
  if (rest === undefined) throw new Error("not hexadecimal");
  return concatBytes(Uint8Array.of(text.length), text, rest);
}
const repeat = (byte: string, count: number) => byte.repeat(count);

const records: fc.Arbitrary<WalletRecord> = fc.record({
  id: fc.uint8Array({ minLength: 16, maxLength: 16 }).map(uuidFromBytes),
  publicKey: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  asset: fc.nat({ max: 15 }),
  balance: fc.bigInt({ min: 0n, max: AMOUNT_MAX }).map(amount),
  statementHead: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  entries: fc.maxSafeNat(),
  sponsor: fc.option(fc.nat({ max: 99 }).map(validatorIndex), { nil: undefined }),
});

describe("canonical bytes", () => {
  it("have the written layout", () => {
    const expected = layout(
      "countersign/v1/wallet-record",
      repeat("aa", 32),
      repeat("11", 16),
      repeat("22", 32),
      "03",
      "0000000000000102",
      repeat("33", 32),
      "0000000000000004",
    );
    const fields = expected.length;
    const written = encodeWalletRecord(NETWORK, record);
    expect(written.subarray(0, fields)).toEqual(expected);
    expect(written.subarray(fields)).toEqual(Uint8Array.of(0));
    const sponsored = encodeWalletRecord(NETWORK, { ...record, sponsor: validatorIndex(58) });
    expect(sponsored.subarray(fields)).toEqual(Uint8Array.of(1, 0, 58));
  });

  it("read back as what was written", () => {
    fc.assert(
      fc.property(records, (any) => {
        const encoded = encodeWalletRecord(NETWORK, any);
        expect(decodeWalletRecord(NETWORK, encoded)).toEqual(any);
        const prefix = walletRecordPrefix(NETWORK);
        expect(namesSponsor(encoded, prefix)).toBe(any.sponsor !== undefined);
      }),
    );
  });

  it("of another network, cut or with an impossible asset are refused", () => {
    const bytes = encodeWalletRecord(NETWORK, record);
    const code = (wrong: Bytes, networkId = NETWORK) => {
      const read = decodeWalletRecord(networkId, wrong);
      return read instanceof EncodingError ? read.code : read;
    };
    expect(code(bytes, new Uint8Array(32))).toBe("wrongNetwork");
    expect(code(bytes.slice(0, -1))).toBe("malformed");
    expect(code(encodeWalletRecord(NETWORK, { ...record, asset: 16 }))).toBe("limit");
    const sponsor = validatorIndex(100);
    expect(code(encodeWalletRecord(NETWORK, { ...record, sponsor }))).toBe("limit");
  });

  it("the trie key is the tagged hash of the id", () => {
    const expected = layout("countersign/v1/wallet-key", repeat("aa", 32), repeat("11", 16));
    expect(walletTrieKey(sha256, NETWORK, record.id)).toEqual(sha256(expected));
  });

  it("the ledger keeps trie keys of a bounded number of wallets, and gives each its own", () => {
    let made = 0;
    const counted = createLedgerContext({
      ...createNetwork().context,
      hash: (data) => {
        made += 1;
        return sha256(data);
      },
    });
    const template = uuidToBytes(record.id);
    const ids = Array.from({ length: LIMITS.walletKeysKeptMax + 10 }, (_, i) => {
      const bytes = Uint8Array.from(template);
      new DataView(bytes.buffer).setUint32(0, i);
      return uuidFromBytes(bytes);
    });
    const before = made;
    for (const id of ids) counted.walletKey(id);
    for (const id of [...ids.slice(-10), ...ids.slice(0, 10)]) {
      expect(counted.walletKey(id)).toEqual(walletTrieKey(sha256, counted.networkId, id));
    }
    expect(made - before).toBe(ids.length + 10);
  });
});

describe("L16: statement head", () => {
  const network = { hash: sha256, networkId: NETWORK };
  const entry = { height: height(7), operationHash: new Uint8Array(32).fill(0x44), delta: -2n };

  it("is the hash of the head before, k, height, operation hash, signed delta and balance after", () => {
    const expected = layout(
      "countersign/v1/statement-entry",
      repeat("aa", 32),
      repeat("33", 32),
      "0000000000000005",
      "0000000000000007",
      repeat("44", 32),
      "01",
      "0000000000000002",
      "0000000000000100",
    );
    const next = appendEntry(network, record, entry);
    expect(toHex(next.statementHead)).toBe(toHex(sha256(expected)));
    expect(next).toMatchObject({ entries: 5, balance: 256n, id: record.id });
  });

  it("starts at zero, and tells a gain from a loss", () => {
    const first = emptyWallet(record);
    expect(first).toMatchObject({ entries: 0, balance: 0n });
    expect(first.statementHead).toEqual(new Uint8Array(32));
    const gain = appendEntry(network, record, { ...entry, delta: 2n });
    const loss = appendEntry(network, { ...record, balance: amount(262n) }, entry);
    expect(gain.balance).toBe(loss.balance);
    expect(gain.statementHead).not.toEqual(loss.statementHead);
  });

  it("stops the node before a balance below zero or above 2^64 - 1", () => {
    expect(() => appendEntry(network, record, { ...entry, delta: -259n })).toThrow("below zero");
    expect(() => appendEntry(network, record, { ...entry, delta: AMOUNT_MAX })).toThrow("outside");
  });
});
