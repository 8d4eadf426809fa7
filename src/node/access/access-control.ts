/**
 * Identifies callers, by the first method whose credential the request shows. A request without a credential is
 * anonymous. A request with an invalid one is refused: with TOO_MANY_REQUESTS if its address, or its beginning of a
 * credential, was used in too many guesses. A valid credential is never refused for the guesses of others.
 */
import { anonymousCaller, type Caller } from "../../access/principal.ts";
import type { Scope } from "../../access/scope.ts";
import type {
  Authenticator,
  IdentifiedCaller,
  RequestCredentials,
} from "../../transport/authenticator.ts";
import { Refusal } from "../../transport/refusal.ts";
import type { Guesses } from "./guesses.ts";

/** A method by which callers prove who they are. */
export interface CredentialWay {
  /** A credential in the request takes precedence over that of its connection, and is refused if no way reads it. */
  readonly shownBy: "request" | "connection";
  /** The credential in the request; undefined if it shows none of this kind. */
  read(request: RequestCredentials): ShownCredential | undefined;
}

export interface ShownCredential {
  /** Present if the credential can be guessed. A check that costs more than a hash and a look-up has a rate of its own. */
  readonly guess?: Guess;
  check(): Promise<IdentifiedCaller | Refusal>;
}

export interface Guess {
  /** Identifies the credential, and is not secret. */
  readonly fingerprint: string;
  /** Guesses with this beginning are counted together, from all addresses; absent if valid credentials begin alike. */
  readonly prefix?: string;
}

export interface AccessParts {
  readonly ways: readonly CredentialWay[];
  readonly guesses: Guesses;
  /** True if callers without a credential may read. */
  readonly publicReads: boolean;
}

const PUBLIC: readonly Scope[] = ["read", "read:all"];

export class AccessControl implements Authenticator {
  readonly #parts: AccessParts;
  readonly #anonymous: Caller;

  constructor(parts: AccessParts) {
    this.#parts = parts;
    this.#anonymous = anonymousCaller(parts.publicReads ? PUBLIC : []);
  }

  async authenticate(request: RequestCredentials): Promise<IdentifiedCaller | Refusal> {
    const { authorization } = request;
    for (const way of this.#parts.ways) {
      if (authorization !== undefined && way.shownBy === "connection") continue;
      const shown = way.read(request);
      if (shown !== undefined) return this.#withPublic(await this.#check(shown, request.address));
    }
    if (authorization === undefined) return this.#anonymous;
    return new Refusal("UNAUTHENTICATED", {
      message: "the header authorization holds no credential of a kind that this node takes",
      field: "authorization",
    });
  }

  async #check(shown: ShownCredential, address: string): Promise<IdentifiedCaller | Refusal> {
    const { guesses } = this.#parts;
    const caller = await shown.check();
    const { guess } = shown;
    if (guess === undefined || !isGuess(caller)) return caller;
    const waitMs = guesses.waitMs(address, guess);
    if (waitMs > 0) {
      guesses.slowed(guess);
      return tooManyGuesses(waitMs);
    }
    guesses.failed(address, guess);
    return caller;
  }

  /** A caller with a credential may do everything that one without may. */
  #withPublic(caller: IdentifiedCaller | Refusal): IdentifiedCaller | Refusal {
    if (caller instanceof Refusal || !this.#parts.publicReads) return caller;
    return { ...caller, scopes: new Set([...caller.scopes, ...this.#anonymous.scopes]) };
  }
}

/** Other refusals say nothing about the credential. */
function isGuess(answer: Caller | Refusal): boolean {
  return answer instanceof Refusal && answer.reason === "UNAUTHENTICATED";
}

function tooManyGuesses(waitMs: number): Refusal {
  return new Refusal("TOO_MANY_REQUESTS", {
    message:
      "too many credentials that do not hold were shown from this address, or with this beginning",
    field: "authorization",
    metadata: { retryAfterMs: String(waitMs) },
  });
}
