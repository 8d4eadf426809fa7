/**
 * Access tokens of the configured authorization servers. A token is read strictly and judged by what costs little before
 * its signature is checked, which has a rate; one that held is remembered by its hash until it expires or the keys of its
 * server change. jose checks signature and claims (RFC 7519, RFC 8725).
 */
import { errors, type JWTPayload } from "jose";
import {
  accessTokenPrincipal,
  grantedScopes,
  looksLikeJwt,
  typeOfHeader,
} from "../../access/access-token.ts";
import { type Caller, isPrincipal } from "../../access/principal.ts";
import { scopeSet } from "../../access/scope.ts";
import { toHex, utf8 } from "../../primitives/bytes.ts";
import { LIMITS } from "../../primitives/limits.ts";
import { RecencyMap } from "../../primitives/recency-map.ts";
import { checkAccessToken, EXPIRED } from "../../transport/access-token-check.ts";
import { AddressRates } from "../../transport/address-rates.ts";
import type { RequestCredentials } from "../../transport/authenticator.ts";
import { Refusal } from "../../transport/refusal.ts";
import { sha256 } from "../base/crypto.ts";
import type { Log } from "../base/log.ts";
import type { System } from "../base/system.ts";
import type { AuthorizationServerConfig } from "../files/authorization-config.ts";
import type { CredentialWay, ShownCredential } from "./access-control.ts";
import { bearerOf } from "./bearer.ts";
import { readJwt, type UnprovenJwt } from "./jwt-reader.ts";
import type { KeySet } from "./key-set.ts";
import type { KeySource } from "./key-source.ts";

export interface AuthorizationServer {
  readonly config: AuthorizationServerConfig;
  readonly source: KeySource;
}

export interface AccessTokensParts {
  readonly system: Pick<System, "wall" | "monotonic">;
  readonly log: Log;
}

interface Remembered {
  readonly caller: Caller;
  readonly server: AuthorizationServer;
  readonly keys: KeySet;
  readonly endsAt: number;
}

type Key = Awaited<ReturnType<KeySet["keyFor"]>>;

const RETRY_MS = 1_000;

export class AccessTokens implements CredentialWay {
  readonly shownBy = "request";
  readonly #parts: AccessTokensParts;
  readonly #rates: AddressRates;
  /** By issuer. */
  #servers: ReadonlyMap<string, AuthorizationServer> = new Map();
  /** Tokens that held, by hash. */
  readonly #remembered = new RecencyMap<string, Remembered>();
  /** Addresses from which an access token held. */
  readonly #known = new RecencyMap<string, true>();

  constructor(parts: AccessTokensParts) {
    this.#parts = parts;
    this.#rates = new AddressRates({
      rates: LIMITS.accessTokenChecks,
      isKnown: (prefix) => this.#known.has(prefix),
      refusedMessage: "access tokens are refused unchecked: too many new ones",
      now: parts.system.monotonic,
      log: parts.log,
    });
  }

  /** Only tokens of these servers hold from now on. */
  use(servers: readonly AuthorizationServer[]): void {
    this.#servers = new Map(servers.map((server) => [server.config.issuer, server]));
  }

  get servers(): readonly AuthorizationServer[] {
    return [...this.#servers.values()];
  }

  read({ authorization, address }: RequestCredentials): ShownCredential | undefined {
    const text = bearerOf(authorization);
    if (text === undefined || this.#servers.size === 0 || !looksLikeJwt(text)) return undefined;
    const { bytesMax } = LIMITS.accessTokens;
    if (text.length > bytesMax) {
      return { check: async () => refused(`the access token is longer than ${bytesMax} bytes`) };
    }
    const hash = toHex(sha256(utf8(text)));
    return {
      guess: { fingerprint: hash },
      check: async () => this.#rememberedCaller(hash) ?? (await this.#check(text, hash, address)),
    };
  }

  #rememberedCaller(hash: string): Caller | undefined {
    const found = this.#remembered.get(hash);
    if (found === undefined) return undefined;
    const { caller, server, keys, endsAt } = found;
    const isInForce = this.#servers.get(server.config.issuer) === server;
    const isSame = isInForce && server.source.current() === keys;
    if (isSame && this.#parts.system.wall() < endsAt) return caller;
    this.#remembered.delete(hash);
    return undefined;
  }

  async #check(text: string, hash: string, address: string): Promise<Caller | Refusal> {
    const jwt = readJwt(text);
    if (typeof jwt === "string") return refused(jwt);
    const server = this.#servers.get(jwt.issuer);
    if (server === undefined) {
      return refused("the access token is of no authorization server that this node trusts");
    }
    const { config } = server;
    const problem = problemOf(jwt, config, this.#parts.system.wall());
    if (problem !== undefined) return refused(problem);
    const found = await keyOf(jwt, server.source);
    if (found instanceof Refusal) return found;
    if (this.#rates.laneFor(address) === undefined) return tooMany();
    const claims = await checkAccessToken(text, found.key, {
      algorithms: config.algorithms,
      issuer: config.issuer,
      audience: config.audience,
      clockToleranceMs: config.clockToleranceMs,
      now: this.#parts.system.wall(),
    });
    if (typeof claims === "string") return refused(claims);
    const caller = callerOf(claims, config);
    if (caller instanceof Refusal) return caller;
    const endsAt = endOf(claims, config);
    this.#remembered.remember(
      hash,
      { caller, server, keys: found.keys, endsAt },
      LIMITS.accessTokens.rememberedMax,
    );
    this.#known.remember(address, true, LIMITS.accessTokens.rememberedMax);
    return caller;
  }
}

/** The first reason to refuse that is found without the signature. */
function problemOf(
  { header, expiresAt }: UnprovenJwt,
  { types, algorithms, clockToleranceMs }: AuthorizationServerConfig,
  now: number,
): string | undefined {
  const type = typeOfHeader(header["typ"]);
  if (type === undefined || !types.includes(type)) {
    return `the access token does not have the type that this node takes (${types.join(", ")})`;
  }
  if (!algorithms.some((algorithm) => algorithm === header["alg"])) {
    return "the access token is signed by an algorithm that this node does not take";
  }
  // The signature would be checked at every call of a client that does not notice.
  return expiresAt !== undefined && now >= expiresAt + clockToleranceMs ? EXPIRED : undefined;
}

/** A key that is not there may be new. */
async function keyOf(
  jwt: UnprovenJwt,
  source: KeySource,
): Promise<{ readonly key: Key; readonly keys: KeySet } | Refusal> {
  const held = source.current();
  const found = held && (await keyIn(jwt, held));
  if (found !== undefined) return found;
  const renewed = await source.renewed();
  if (renewed === undefined) return keysUnavailable();
  return (
    (await keyIn(jwt, renewed)) ??
    refused("the access token names a key that its authorization server does not have")
  );
}

/** Undefined if no key fits. */
async function keyIn({ header }: UnprovenJwt, keys: KeySet) {
  try {
    const { alg, kid } = header as { readonly alg: string; readonly kid?: string };
    const signed = { payload: "", signature: "" };
    return { key: await keys.keyFor({ alg, ...(kid !== undefined && { kid }) }, signed), keys };
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) return undefined;
    if (error instanceof errors.JWKSMultipleMatchingKeys) {
      return refused("more than one key of its authorization server fits the access token");
    }
    return refused("the key of the access token cannot be used");
  }
}

function callerOf(
  claims: JWTPayload,
  { issuer, scopeClaim, meaning }: AuthorizationServerConfig,
): Caller | Refusal {
  const { sub: subject } = claims;
  const principal =
    typeof subject === "string" && subject !== "" ? accessTokenPrincipal(issuer, subject) : "";
  if (!isPrincipal(principal)) {
    return refused("the subject of the access token is empty, too long or not printable");
  }
  const claim = Object.hasOwn(claims, scopeClaim) ? claims[scopeClaim] : undefined;
  return { principal, scopes: scopeSet(grantedScopes(claim, meaning)) };
}

/** jose has checked that both are numbers. */
function endOf({ exp = 0, iat = 0 }: JWTPayload, config: AuthorizationServerConfig): number {
  const end = Math.min(exp * 1000, iat * 1000 + LIMITS.accessTokens.lifetimeMsMax);
  return end + config.clockToleranceMs;
}

function refused(message: string): Refusal {
  return new Refusal("UNAUTHENTICATED", { message, field: "authorization" });
}

/** The token may be valid, so the caller is to come again. */
function keysUnavailable(): Refusal {
  return new Refusal("NOT_READY", {
    message: "the keys of the access token's authorization server cannot be had at present",
    field: "authorization",
    remedy:
      "Send it again later, or to another node. The node's operator finds the cause in its log.",
    metadata: { retryAfterMs: String(RETRY_MS) },
  });
}

function tooMany(): Refusal {
  return new Refusal("TOO_MANY_REQUESTS", {
    message: "too many new access tokens were shown from this address, or from all addresses",
    field: "authorization",
    metadata: { retryAfterMs: String(RETRY_MS) },
  });
}
