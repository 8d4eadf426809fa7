/**
 * The bearer tokens of this node. They are made, listed and revoked while it runs, with immediate effect. The text of
 * a token leaves the node once, when it is made; the node keeps the hash (src/access/token.ts).
 */
import { tokenPrincipal } from "../../access/principal.ts";
import { scopeSet } from "../../access/scope.ts";
import {
  guessedPrefix,
  holdsToken,
  isTokenText,
  looksLikeTokenId,
  TOKEN_ENTROPY_BYTES,
  TOKEN_ID_DIGITS,
  TOKEN_NAME,
  TOKEN_PREFIX,
  tokenHash,
  tokenId,
  tokenText,
} from "../../access/token.ts";
import { toHex } from "../../primitives/bytes.ts";
import { LIMITS } from "../../primitives/limits.ts";
import type { StoredToken, TokenRecords } from "../../storage/contracts.ts";
import type { RequestCredentials } from "../../transport/authenticator.ts";
import type { MadeToken, NewToken, TokenInfo } from "../../transport/operator-api.ts";
import { Refusal } from "../../transport/refusal.ts";
import { sha256 } from "../base/crypto.ts";
import type { Log } from "../base/log.ts";
import type { System } from "../base/system.ts";
import type { CredentialWay, ShownCredential } from "./access-control.ts";
import { bearerOf } from "./bearer.ts";

export interface TokensParts {
  readonly records: TokenRecords;
  readonly system: Pick<System, "wall" | "entropy">;
  readonly log: Pick<Log, "warn">;
}

/** Records what is about to be saved; a failure prevents it. */
export type Announce = (token: TokenInfo) => Promise<void>;

/** The shortest time between two writes of a token's last use. */
const USE_WRITTEN_MS = 60_000;

export class Tokens implements CredentialWay {
  readonly shownBy = "request";
  readonly #parts: TokensParts;
  /** By hash, in hexadecimal. */
  readonly #held: Map<string, StoredToken>;
  /** Names whose tokens are forgotten. They never become free: their principals may have wallets. */
  readonly #usedNames: Set<string>;
  /** The time at which the last use was written, by hash. */
  readonly #written = new Map<string, number>();

  private constructor(parts: TokensParts, records: readonly StoredToken[]) {
    this.#parts = parts;
    const held = records.filter((token) => !isNameOnly(token));
    this.#held = new Map(held.map((token) => [toHex(token.hash), token]));
    this.#usedNames = new Set(records.filter(isNameOnly).map(({ name }) => name));
  }

  static async open(parts: TokensParts): Promise<Tokens> {
    return new Tokens(parts, await parts.records.load());
  }

  read({ authorization }: RequestCredentials): ShownCredential | undefined {
    const text = bearerOf(authorization);
    if (text?.startsWith(TOKEN_PREFIX) !== true) return undefined;
    const hash = toHex(tokenHash(sha256, text));
    return {
      guess: { fingerprint: hash, prefix: guessedPrefix(text) },
      check: async () => this.#check(text, hash),
    };
  }

  /** Only this answer holds the text. */
  async create(asked: NewToken, announce: Announce): Promise<MadeToken | Refusal> {
    const { records, system } = this.#parts;
    const refusal = this.#problemWith(asked);
    if (refusal !== undefined) return refusal;
    const text = tokenText(system.entropy(TOKEN_ENTROPY_BYTES));
    const hash = tokenHash(sha256, text);
    const { name, scopes, expiresAt } = asked;
    const token = { hash, name, scopes, createdAt: system.wall(), expiresAt };
    const key = toHex(hash);
    // Before anything is awaited, so that no other call takes the name or the last place.
    this.#held.set(key, token);
    try {
      await announce(infoOf(token));
      await this.#forgetOldest();
      // Another call may have revoked it by its name.
      await records.save(this.#held.get(key) ?? token);
    } catch (error) {
      this.#held.delete(key);
      throw error;
    }
    return { text, token: infoOf(this.#held.get(key) ?? token) };
  }

  /** In the order in which they were made. */
  list(): readonly TokenInfo[] {
    const all = [...this.#held.values()].map(infoOf);
    return all.sort(
      (left, right) => left.createdAt - right.createdAt || (left.id < right.id ? -1 : 1),
    );
  }

  /** The number of tokens that hold now. */
  get holding(): number {
    const now = this.#parts.system.wall();
    return this.#held
      .values()
      .filter((token) => isLive(token, now))
      .toArray().length;
  }

  /**
   * The time at which the first caller loses access unless it gets a further token, milliseconds since 1970. For each
   * name the token that holds longest counts. Undefined if no token that holds will expire.
   */
  get firstExpiry(): number | undefined {
    const now = this.#parts.system.wall();
    const last = new Map<string, number>();
    for (const token of this.#held.values()) {
      if (!isLive(token, now)) continue;
      const { name, expiresAt = Number.POSITIVE_INFINITY } = token;
      last.set(name, Math.max(expiresAt, last.get(name) ?? 0));
    }
    const first = Math.min(...last.values());
    return Number.isFinite(first) ? first : undefined;
  }

  /** Revokes the token with this id, or all tokens of this name: no later call is admitted by them. */
  async revoke(idOrName: string, announce: Announce): Promise<readonly TokenInfo[] | Refusal> {
    const { records, system } = this.#parts;
    const named = [...this.#held].filter(([hash, { name }]) => {
      return (
        name === idOrName || (hash.startsWith(idOrName) && idOrName.length === TOKEN_ID_DIGITS)
      );
    });
    if (named.length === 0) {
      return new Refusal("NOT_FOUND", {
        message: "no token has this id or name",
        field: "token",
        remedy: "Ask for the tokens that there are by countersign token list.",
      });
    }
    const revokedAt = system.wall();
    const revoked = named.map(([hash, token]) => {
      const now = token.revokedAt === undefined ? { ...token, revokedAt } : token;
      this.#held.set(hash, now);
      return now;
    });
    await Promise.all(
      revoked.map(async (token) => {
        await announce(infoOf(token));
        await records.save(token);
      }),
    );
    return revoked.map(infoOf);
  }

  #check(text: string, hash: string) {
    const token = isTokenText(text) ? this.#held.get(hash) : undefined;
    if (token === undefined) return refused("the token is not one of this node's");
    if (token.revokedAt !== undefined) return refused("the token was revoked");
    const now = this.#parts.system.wall();
    if (token.expiresAt !== undefined && now >= token.expiresAt) {
      return refused("the token has expired");
    }
    this.#noteUse(hash, token, now);
    return { principal: tokenPrincipal(token.name), scopes: scopeSet(token.scopes) };
  }

  #noteUse(hash: string, token: StoredToken, now: number): void {
    const { records, log } = this.#parts;
    const used = { ...token, lastUsedAt: now };
    this.#held.set(hash, used);
    const written = this.#written.get(hash) ?? Number.NEGATIVE_INFINITY;
    if (Math.abs(now - written) < USE_WRITTEN_MS) return;
    this.#written.set(hash, now);
    records.save(used).catch((error: unknown) => {
      log.warn({ error: String(error), token: token.name }, "the use of a token was not written");
    });
  }

  #problemWith({ name, scopes, expiresAt, further }: NewToken): Refusal | undefined {
    const now = this.#parts.system.wall();
    if (!TOKEN_NAME.test(name)) {
      return malformed(
        "name",
        "the name is not 1 to 64 letters, digits, dots, dashes and underscores",
      );
    }
    if (looksLikeTokenId(name)) {
      return malformed("name", "the name has the form of a token's id, 12 hexadecimal digits");
    }
    if (holdsToken(name)) {
      return malformed("name", "the name has the form of a token, which would then be listed");
    }
    if (scopes.length === 0)
      return malformed("scopes", "a token without a scope is good for nothing");
    if (expiresAt !== undefined && expiresAt <= now) {
      return malformed("expiresAt", "the token would have expired already");
    }
    const all = [...this.#held.values()];
    const isUsed = this.#usedNames.has(name) || all.some((token) => token.name === name);
    if (!further && isUsed) {
      return new Refusal("ID_IN_USE", {
        message: `there is, or was, a token named ${name}: a further one is the same principal and has its wallets`,
        field: "name",
        remedy:
          "Choose another name; or say further (--further) if it is meant for the same holder.",
      });
    }
    if (!isUsed && this.#usedNames.size >= LIMITS.tokenNamesMax) {
      return new Refusal("LIMIT", {
        message: `this node remembers ${LIMITS.tokenNamesMax} names of tokens, and takes no new one`,
        remedy: "Make a further token of a name that there was (--further).",
      });
    }
    if (all.filter((token) => isLive(token, now)).length < LIMITS.tokensMax) return undefined;
    return new Refusal("LIMIT", {
      message: `this node has ${LIMITS.tokensMax} tokens that hold`,
      remedy: "Revoke those that are not used; countersign token list shows their last use.",
    });
  }

  /** Makes room for one more token: removes the oldest invalid one, and keeps its name. */
  async #forgetOldest(): Promise<void> {
    const { records, system } = this.#parts;
    const now = system.wall();
    const dead = [...this.#held].filter(([, token]) => !isLive(token, now));
    if (dead.length < LIMITS.tokensMax) return;
    dead.sort(([, left], [, right]) => left.createdAt - right.createdAt);
    const [oldest] = dead;
    if (oldest === undefined) return;
    const [key, token] = oldest;
    this.#held.delete(key);
    this.#written.delete(key);
    if (this.#usedNames.has(token.name)) return await records.forget(token.hash);
    this.#usedNames.add(token.name);
    await records.save({ ...token, scopes: [], revokedAt: token.revokedAt ?? now });
  }
}

/** True for the record that stays of a forgotten token: its name. */
function isNameOnly({ scopes, revokedAt }: StoredToken): boolean {
  return scopes.length === 0 && revokedAt !== undefined;
}

function isLive({ revokedAt, expiresAt }: StoredToken, now: number): boolean {
  return revokedAt === undefined && (expiresAt === undefined || now < expiresAt);
}

function infoOf({ hash, ...token }: StoredToken): TokenInfo {
  return { id: tokenId(hash), ...token };
}

function refused(message: string): Refusal {
  return new Refusal("UNAUTHENTICATED", { message, field: "authorization" });
}

function malformed(field: string, message: string): Refusal {
  return new Refusal("MALFORMED", { message, field });
}
