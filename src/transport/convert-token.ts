/** The operator's calls about tokens: requests become commands, answers become generated messages. */
import { create } from "@bufbuild/protobuf";
import {
  type CreateTokenRequest,
  type CreateTokenResponse,
  CreateTokenResponseSchema,
  type Token,
  TokenSchema,
} from "../../gen/countersign/v1/operator_service_pb.ts";
import { isScope, SCOPES } from "../access/scope.ts";
import { convert, fail, readCounter } from "./convert-fields.ts";
import type { MadeToken, NewToken, TokenInfo } from "./operator-api.ts";
import type { Refusal } from "./refusal.ts";

export function newTokenFromMessage(request: CreateTokenRequest): NewToken | Refusal {
  return convert(() => {
    const { name, expiresAt, further } = request;
    const scopes = request.scopes.map((scope, place) => {
      if (isScope(scope)) return scope;
      return fail("MALFORMED", `scopes[${place}]`, `must be one of ${SCOPES.join(", ")}`);
    });
    const expiry = expiresAt === undefined ? undefined : readCounter(expiresAt, "expiresAt");
    return { name, scopes, expiresAt: expiry, further };
  });
}

export function madeTokenToMessage({ text, token }: MadeToken): CreateTokenResponse {
  return create(CreateTokenResponseSchema, { text, token: tokenToMessage(token) });
}

export function tokenToMessage(token: TokenInfo): Token {
  const { id, name, scopes, createdAt, expiresAt, lastUsedAt, revokedAt } = token;
  return create(TokenSchema, {
    id,
    name,
    scopes: [...scopes],
    createdAt: BigInt(createdAt),
    ...(expiresAt !== undefined && { expiresAt: BigInt(expiresAt) }),
    ...(lastUsedAt !== undefined && { lastUsedAt: BigInt(lastUsedAt) }),
    ...(revokedAt !== undefined && { revokedAt: BigInt(revokedAt) }),
  });
}
