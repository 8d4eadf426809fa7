/** Access tokens of an authorization server that the attacked node trusts by a file: those that hold, and those that do not. */
import type { Scope } from "../../../src/access/scope.ts";
import type { AuthorizationServerFile } from "../../../src/node/files/authorization-config.ts";
import { AUDIENCE, ISSUER, keySetText } from "../../node/access/authorization-server.ts";
import {
  generateForgeKeys,
  HOSTILE_TOKENS,
  TokenForge,
} from "../../node/access/hostile-access-tokens.ts";
import { bearer, type Credential, misplacedTokens } from "./credentials.ts";

/** The scopes that the tokens grant, by their subject. */
const GRANTED: Readonly<Record<string, readonly Scope[]>> = {
  reader: ["read"],
  "reader-of-all": ["read:all"],
  payer: ["submit", "read"],
  operator: ["operate"],
  idler: [],
};
/** As broken ones claim. */
const ALL = "countersign:read:all countersign:submit countersign:custody countersign:issue";
/** Longer than the longest run. */
const LIFE_S = 12 * 3_600;

/** A token that holds. */
export interface Granted {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly text: string;
}

export class TokenServer {
  readonly #forge: TokenForge;

  private constructor(forge: TokenForge) {
    this.#forge = forge;
  }

  static async open(): Promise<TokenServer> {
    const now = Date.now();
    const claims = { exp: Math.floor(now / 1000) + LIFE_S, scope: ALL };
    return new TokenServer(new TokenForge(await generateForgeKeys(), now, claims));
  }

  get keySet(): string {
    const { first, rsa } = this.#forge.keys;
    return keySetText(first, rsa);
  }

  /** `jwks`: path of the file with the key set. */
  configFor(jwks: string): AuthorizationServerFile {
    return { issuer: ISSUER, audience: AUDIENCE, jwks };
  }

  async granted(): Promise<readonly Granted[]> {
    return await Promise.all(
      Object.entries(GRANTED).map(async ([subject, scopes]) => {
        const scope = ["openid", ...scopes.map((one) => `countersign:${one}`)].join(" ");
        const text = await this.#forge.withClaims({ sub: subject, scope });
        return { name: `the access token of the ${subject}`, scopes, text };
      }),
    );
  }

  async worthless(): Promise<Credential[]> {
    const broken = HOSTILE_TOKENS.map(async ([name, make]) => {
      return bearer(`an access token ${name}`, await make(this.#forge));
    });
    const held = await this.#forge.token();
    return [...(await Promise.all(broken)), ...misplacedTokens("an access token", held)];
  }
}
