/** Checks the signature and the claims of an access token, by jose (RFC 7519, RFC 8725, RFC 9068). */
import { errors, type JWTPayload, type JWTVerifyOptions } from "jose";
import { jwtVerify } from "jose/jwt/verify";
import { LIMITS } from "../primitives/limits.ts";

export interface AccessTokenTerms {
  readonly algorithms: readonly string[];
  readonly issuer: string;
  readonly audience: string;
  readonly clockToleranceMs: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export const EXPIRED = "the access token has expired";

/** The claims, with numbers as `exp` and `iat`; a text says why the token is refused. */
export async function checkAccessToken(
  text: string,
  key: Parameters<typeof jwtVerify>[1],
  terms: AccessTokenTerms,
): Promise<JWTPayload | string> {
  try {
    return (await jwtVerify(text, key, optionsFor(terms))).payload;
  } catch (error) {
    if (error instanceof errors.JOSEError) return meaningOf(error);
    throw error;
  }
}

function optionsFor(terms: AccessTokenTerms): JWTVerifyOptions {
  return {
    algorithms: [...terms.algorithms],
    issuer: terms.issuer,
    audience: terms.audience,
    requiredClaims: ["sub", "exp"],
    maxTokenAge: LIMITS.accessTokens.lifetimeMsMax / 1000,
    clockTolerance: terms.clockToleranceMs / 1000,
    currentDate: new Date(terms.now),
  };
}

/** jose names a claim only if it was asked to check it. */
function meaningOf(error: InstanceType<typeof errors.JOSEError>): string {
  if (error instanceof errors.JWTExpired) {
    return error.claim === "iat" ? "the access token is older than a day" : EXPIRED;
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.reason === "missing") return `the access token has no claim ${error.claim}`;
    return CLAIM_PROBLEMS[error.claim] ?? `the access token has a wrong claim ${error.claim}`;
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return "the signature of the access token is not valid";
  }
  return "the access token cannot be read as a signed JWT";
}

const CLAIM_PROBLEMS: Readonly<Record<string, string>> = {
  aud: "the access token is not for this node: its audience is another",
  nbf: "the access token is not valid yet",
  iat: "the access token was made in the future, by this node's clock",
};
