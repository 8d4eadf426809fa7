/** Tokens, and the owners of custodial wallets, over records. */
import { isScope } from "../access/scope.ts";
import type { Bytes } from "../primitives/bytes.ts";
import { type Decoder, Encoder } from "../primitives/encoding.ts";
import { DIGEST_LENGTH, type Digest } from "../primitives/hash.ts";
import type { WalletId } from "../primitives/ids.ts";
import type { StoredToken, TokenRecords, WalletOwners } from "./contracts.ts";
import type { Change } from "./key-value.ts";
import {
  claimKey,
  claimsFrom,
  tokenKey,
  walletOfClaim,
  walletOwnerKey,
  wholeKind,
} from "./keys.ts";
import { del, put, type Records, readRecord } from "./records.ts";

const TOKENS = wholeKind(tokenKey(new Uint8Array(DIGEST_LENGTH)));
const TEXT_BYTES_MAX = 200;
const SCOPES_MAX = 64;

export class TokenRecordList implements TokenRecords {
  readonly #records: Records;

  constructor(records: Records) {
    this.#records = records;
  }

  async save(token: StoredToken): Promise<void> {
    await this.#records.write([put(tokenKey(token.hash), encodeToken(token))]);
  }

  async forget(hash: Digest): Promise<void> {
    await this.#records.write([del(tokenKey(hash))]);
  }

  async load(): Promise<readonly StoredToken[]> {
    const tokens: StoredToken[] = [];
    for await (const { key, value } of this.#records.range(TOKENS)) {
      const hash = new Uint8Array(key.slice(1));
      tokens.push({ hash, ...readRecord(key, value, decodeToken) });
    }
    return tokens;
  }
}

export class WalletOwnerRecords implements WalletOwners {
  readonly #records: Records;
  /** Claims on their way to the disk, so that two callers cannot both find none. */
  readonly #claiming = new Map<
    WalletId,
    { readonly owner: string; readonly done: Promise<void> }
  >();

  constructor(records: Records) {
    this.#records = records;
  }

  async claim(wallet: WalletId, principal: string): Promise<string> {
    const claiming = this.#claiming.get(wallet);
    if (claiming !== undefined) {
      await claiming.done;
      return claiming.owner;
    }
    const held = this.#load(wallet);
    if (held !== undefined) return held;
    const key = walletOwnerKey(wallet);
    const value = new Encoder().string(principal).finish();
    const done = this.#records.write([put(key, value), putClaim(principal, wallet)]);
    this.#claiming.set(wallet, { owner: principal, done });
    try {
      await done;
      return principal;
    } finally {
      this.#claiming.delete(wallet);
    }
  }

  async ownerOf(wallet: WalletId): Promise<string | undefined> {
    return this.#claiming.get(wallet)?.owner ?? this.#load(wallet);
  }

  async *claimsOf(principal: string, from: WalletId): AsyncGenerator<WalletId> {
    for await (const { key } of this.#records.range(claimsFrom(principal, from))) {
      yield walletOfClaim(key);
    }
  }

  #load(wallet: WalletId): string | undefined {
    const key = walletOwnerKey(wallet);
    const value = this.#records.load(key);
    return value && readOwner(key, value);
  }
}

/** The principal in the record of a wallet's owner. */
export function readOwner(key: Bytes, value: Bytes): string {
  return readRecord(key, value, (decoder) => decoder.string(TEXT_BYTES_MAX));
}

/** The record by which a principal's wallets are found. */
export function putClaim(principal: string, wallet: WalletId): Change {
  return put(claimKey(principal, wallet), new Uint8Array());
}

function encodeToken({ name, scopes, createdAt, ...token }: StoredToken): Bytes {
  const time = (at: number, encoder: Encoder) => encoder.u64(at);
  return new Encoder()
    .string(name)
    .list(scopes, (scope, encoder) => encoder.string(scope))
    .u64(createdAt)
    .optional(token.expiresAt, time)
    .optional(token.lastUsedAt, time)
    .optional(token.revokedAt, time)
    .finish();
}

function decodeToken(decoder: Decoder): Omit<StoredToken, "hash"> {
  const time = (inner: Decoder) => inner.safeU64();
  return {
    name: decoder.string(TEXT_BYTES_MAX),
    // A scope of another version gives nothing here.
    scopes: decoder.list(SCOPES_MAX, (inner) => inner.string(TEXT_BYTES_MAX)).filter(isScope),
    createdAt: decoder.safeU64(),
    expiresAt: decoder.optional(time),
    lastUsedAt: decoder.optional(time),
    revokedAt: decoder.optional(time),
  };
}
