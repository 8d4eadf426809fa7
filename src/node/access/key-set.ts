/**
 * The public keys of an authorization server (JWK Set, RFC 7517 section 5), read strictly. Keys that check no signature here
 * are left out, as the RFC asks; a set with a secret in it is refused whole.
 */
import { createPublicKey, type JsonWebKey } from "node:crypto";
import type { JSONWebKeySet, JWTVerifyGetKey } from "jose";
import { createLocalJWKSet } from "jose/jwks/local";
import { isRecord, JsonProblem, readJson } from "../../primitives/json.ts";

export interface KeySet {
  readonly text: string;
  /** The key for the header of a token; throws an error of jose if there is none, or more than one. */
  readonly keyFor: JWTVerifyGetKey;
  readonly usable: number;
  readonly leftOut: number;
}

/** Parameters of private and symmetric keys (RFC 7518 section 6, RFC 8037 section 2). */
const SECRETS = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];
export const KEYS_MAX = 64;
const RSA_BITS = { min: 2_048, max: 4_096 };
const CURVES: readonly (string | undefined)[] = ["prime256v1", "secp384r1", "secp521r1"];
/** A check takes as many steps as the exponent has bits; in use are 3, 17 and 65537. */
const EXPONENT_MAX = 2n ** 32n;

/** A text says what is wrong, as a clause behind the name of the set. */
export function readKeySet(text: string): KeySet | string {
  // A name that is given twice would be read by its last value below.
  const strict = readJson(text);
  if (strict instanceof JsonProblem) return `${strict.field} ${strict.message}`.trim();
  if (!isRecord(strict) || !Array.isArray(strict["keys"])) return "is no JSON object with keys";
  const { keys } = JSON.parse(text) as { readonly keys: readonly unknown[] };
  if (keys.length > KEYS_MAX) return `has ${keys.length} keys, more than ${KEYS_MAX}`;
  if (keys.some((key) => SECRETS.some((name) => isObject(key) && Object.hasOwn(key, name)))) {
    return "holds a secret key: only public keys may be in it, and this one should be replaced";
  }
  const usable = keys.filter(isUsable);
  if (usable.length === 0) return "has no key that checks signatures here";
  return {
    text,
    keyFor: createLocalJWKSet({ keys: usable } as JSONWebKeySet),
    usable: usable.length,
    leftOut: keys.length - usable.length,
  };
}

function isObject(value: unknown): value is JsonWebKey {
  return typeof value === "object" && value !== null;
}

function isUsable(key: unknown): boolean {
  if (!isObject(key)) return false;
  const { use, kid } = key;
  if (use !== undefined && use !== "sig") return false;
  if (kid !== undefined && typeof kid !== "string") return false;
  try {
    return isStrong(key);
  } catch {
    return false;
  }
}

/** Throws for what is no key. */
function isStrong(key: JsonWebKey): boolean {
  const { asymmetricKeyType, asymmetricKeyDetails } = createPublicKey({ key, format: "jwk" });
  const { modulusLength = 0, publicExponent = 0n, namedCurve } = asymmetricKeyDetails ?? {};
  switch (asymmetricKeyType) {
    case "rsa":
      return (
        modulusLength >= RSA_BITS.min &&
        modulusLength <= RSA_BITS.max &&
        publicExponent < EXPONENT_MAX
      );
    case "ec":
      return CURVES.includes(namedCurve);
    case "ed25519":
      return true;
    default:
      return false;
  }
}
