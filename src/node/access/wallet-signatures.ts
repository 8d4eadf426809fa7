/**
 * Signed reads: the owner of a wallet reads it with the wallet's key alone. A check costs as much whether the wallet exists or
 * not, and is made only within rates, because the thread that makes it also votes. A wrong signature
 * counts as a guess; a wrong clock does not.
 */
import { scopesOfSignedRead } from "../../access/call-scopes.ts";
import { walletPrincipal } from "../../access/principal.ts";
import {
  encodeSignedRead,
  isSignedRead,
  parseReadCredential,
  type ReadCredential,
} from "../../access/signed-read.ts";
import { fromHex, toHex } from "../../primitives/bytes.ts";
import type { NetworkId, WalletId } from "../../primitives/ids.ts";
import { LIMITS } from "../../primitives/limits.ts";
import type { PublicKey } from "../../primitives/signature.ts";
import type { IdentifiedCaller, RequestCredentials } from "../../transport/authenticator.ts";
import { CallTurns } from "../../transport/call-turns.ts";
import { Refusal } from "../../transport/refusal.ts";
import { CHECKS_PER_TURN, type SignatureChecker } from "../base/signature-checker.ts";
import type { System } from "../base/system.ts";
import type { CredentialWay, ShownCredential } from "./access-control.ts";
import { CheckRates } from "./check-rates.ts";

export interface WalletSignaturesParts {
  readonly networkId: NetworkId;
  /** This node's id in the genesis. */
  readonly node: string;
  readonly wallets: OwnerKeys;
  readonly checker: SignatureChecker;
  readonly system: Pick<System, "wall" | "monotonic">;
}

export interface OwnerKeys {
  /** The present key of a wallet whose owner keeps it; undefined for every other wallet, and where there is none. */
  keyOf(wallet: WalletId): PublicKey | undefined;
}

/** The base point of Ed25519 (RFC 8032 section 5.1). Signatures are checked by it where there is no key; none is accepted. */
const NO_KEY: PublicKey = fromHex(`58${"66".repeat(31)}`) ?? new Uint8Array();
const REMEDY =
  "Sign as docs/signing.md says under Signed reads, with the key of the wallet that is read.";

export class WalletSignatures implements CredentialWay {
  readonly shownBy = "request";
  readonly #parts: WalletSignaturesParts;
  readonly #rates: CheckRates;
  /** Checks of calls that came together are made a few at a time, about a millisecond's worth: votes go between them. */
  readonly #turns = new CallTurns({
    perTurn: CHECKS_PER_TURN,
    waitingPerCallerMax: LIMITS.signedReads.checksOfAddress.burst,
  });

  constructor(parts: WalletSignaturesParts) {
    this.#parts = parts;
    this.#rates = new CheckRates(parts.system.monotonic);
  }

  read(request: RequestCredentials): ShownCredential | undefined {
    const { authorization } = request;
    if (authorization === undefined || !isSignedRead(authorization)) return undefined;
    const credential = parseReadCredential(authorization);
    const check = () => this.#check(request, credential);
    if (credential === undefined || this.#isOutOfTime(credential)) return { check };
    return { guess: { fingerprint: toHex(credential.signature) }, check };
  }

  async #check(
    { call, address }: RequestCredentials,
    credential: ReadCredential | undefined,
  ): Promise<IdentifiedCaller | Refusal> {
    if (credential === undefined) {
      return refused("the header authorization does not have the form of a signed read");
    }
    const { networkId, node, wallets, checker, system } = this.#parts;
    const { wallet, signedAt, bodyDigest, signature } = credential;
    if (this.#isOutOfTime(credential)) return outOfTime(system.wall() - signedAt);
    const waitMs = this.#rates.take(address);
    if (waitMs > 0) return tooManyChecks(waitMs);
    const turn = this.#turns.begin(address);
    if (turn instanceof Refusal) return turn;
    await turn;
    const key = wallets.keyOf(wallet);
    const message = encodeSignedRead({ networkId, node, call, wallet, signedAt, bodyDigest });
    const holds = await checker.check([{ publicKey: key ?? NO_KEY, message, signature }]);
    if (!holds || key === undefined) {
      return refused(
        `the signature does not hold for ${call} at ${node} in this network, or no owner keeps the key of such a wallet`,
      );
    }
    this.#rates.held(address);
    const scopes = scopesOfSignedRead(call);
    const holdsMs = signedAt + LIMITS.signedReads.windowMs - system.wall();
    return { principal: walletPrincipal(wallet), scopes, bodyDigest, holdsMs };
  }

  #isOutOfTime({ signedAt }: ReadCredential): boolean {
    return Math.abs(this.#parts.system.wall() - signedAt) > LIMITS.signedReads.windowMs;
  }
}

function refused(message: string): Refusal {
  return new Refusal("UNAUTHENTICATED", { message, field: "authorization", remedy: REMEDY });
}

function outOfTime(ageMs: number): Refusal {
  const seconds = Math.ceil(Math.abs(ageMs) / 1000);
  const where = ageMs > 0 ? "ago" : "ahead";
  return new Refusal("UNAUTHENTICATED", {
    message: `the request was signed ${seconds} seconds ${where} by this node's clock; a signature is good for ${LIMITS.signedReads.windowMs / 1000} seconds`,
    field: "authorization",
    remedy: "Sign each request when it is sent, with the time in milliseconds; set the clock.",
  });
}

function tooManyChecks(waitMs: number): Refusal {
  return new Refusal("TOO_MANY_REQUESTS", {
    message: "signed reads come faster than this node checks them",
    field: "authorization",
    metadata: { retryAfterMs: String(waitMs) },
  });
}
