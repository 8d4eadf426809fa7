/** An authorization server for tests: its keys, its tokens, and its key set over real TLS under an authority of its own. */
import { once } from "node:events";
import type { RequestListener } from "node:http";
import { createServer, type Server } from "node:https";
import {
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  type JWK,
  type JWTPayload,
  SignJWT,
} from "jose";
import {
  createDevelopmentAuthority,
  createListenerCertificate,
  LOOPBACK_HOSTS,
} from "../../../src/transport/development-certificates.ts";

export interface ServerKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

export async function generateServerKey(
  kid: string,
  alg = "ES256",
  options: { readonly modulusLength?: number } = {},
): Promise<ServerKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true, ...options });
  const publicJwk = { ...(await exportJWK(publicKey)), kid, alg, use: "sig" };
  return { kid, alg, privateKey, publicJwk };
}

export const ISSUER = "https://login.example/bank";
export const AUDIENCE = "https://node1.example";

/** Seconds since 1970. */
const seconds = (ms: number): number => Math.floor(ms / 1000);

export interface TokenTerms {
  readonly now: number;
  readonly claims?: JWTPayload;
  /** Replaces or, by undefined, removes. */
  readonly header?: Readonly<Record<string, unknown>>;
}

/** A token as RFC 9068 has it, valid for five minutes, unless the terms say otherwise. */
export async function signToken(
  { kid, alg, privateKey }: ServerKey,
  { now, claims = {}, header = {} }: TokenTerms,
): Promise<string> {
  const payload = {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: "payments",
    iat: seconds(now),
    exp: seconds(now) + 300,
    scope: "openid countersign:submit",
    ...claims,
  };
  const whole = { alg, typ: "at+jwt", kid, ...header };
  return await new SignJWT(payload)
    .setProtectedHeader(whole)
    .sign(privateKey, { crit: { "x-strict": true } });
}

export function keySetText(...keys: readonly ServerKey[]): string {
  return JSON.stringify({ keys: keys.map(({ publicJwk }) => publicJwk) });
}

export interface KeySetServer {
  readonly url: string;
  /** PEM of its authority. */
  readonly authority: string;
  /** Requests since it was opened, or since the last reset. */
  readonly asked: () => number;
  /** It answers in this way from now on. */
  answer(listener: RequestListener): void;
  /** Ends its connections, and answers as in the beginning. */
  reset(): void;
  close(): Promise<void>;
}

/** `answer` to begin with: 200 and the text. */
export async function openKeySetServer(text: string): Promise<KeySetServer> {
  const validity = { now: Date.now(), days: 2 };
  const authority = await createDevelopmentAuthority(validity);
  const leaf = await createListenerCertificate(authority, LOOPBACK_HOSTS, validity);
  let asked = 0;
  let listener: RequestListener = sending(text);
  const server: Server = createServer({ cert: leaf.certificate, key: leaf.key }, (...exchange) => {
    asked += 1;
    listener(...exchange);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `https://localhost:${address.port}/keys`,
    authority: authority.certificate,
    asked: () => asked,
    answer: (next) => {
      listener = next;
    },
    reset: () => {
      asked = 0;
      listener = sending(text);
      server.closeAllConnections();
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

export function sending(text: string): RequestListener {
  return (_, response) => response.setHeader("content-type", "application/json").end(text);
}
