/**
 * Makes, lists and revokes tokens for operators, with a line of the audit log for each. A caller over the network may not
 * get more by a token than it has: neither scopes, nor the wallets of a name that there is.
 */
import { type Caller, isOnSocket } from "../../access/principal.ts";
import type { AuditTrail } from "../../storage/audit-trail.ts";
import type { MadeToken, NewToken, TokenInfo } from "../../transport/operator-api.ts";
import { Refusal } from "../../transport/refusal.ts";
import type { Announce, Tokens } from "../access/tokens.ts";
import type { Log } from "../base/log.ts";

export interface TokenDeskParts {
  readonly tokens: Pick<Tokens, "create" | "list" | "revoke">;
  readonly audit: AuditTrail;
  readonly log: Pick<Log, "warn">;
}

export class TokenDesk {
  readonly #parts: TokenDeskParts;

  constructor(parts: TokenDeskParts) {
    this.#parts = parts;
  }

  /** The text of the token is in the answer alone, and never in a log. */
  async create(asked: NewToken, caller: Caller): Promise<MadeToken | Refusal> {
    const { tokens, log } = this.#parts;
    const refusal = refusalToGive(asked, caller);
    if (refusal !== undefined) return refusal;
    const made = await tokens.create(asked, this.#announce("CreateToken", caller));
    if (made instanceof Refusal) return made;
    const { id, name, scopes } = made.token;
    log.warn({ principal: caller.principal, id, name, scopes }, "the operator makes a token");
    return made;
  }

  list(): readonly TokenInfo[] {
    return this.#parts.tokens.list();
  }

  async revoke(idOrName: string, caller: Caller): Promise<readonly TokenInfo[] | Refusal> {
    const { tokens, log } = this.#parts;
    const revoked = await tokens.revoke(idOrName, this.#announce("RevokeToken", caller));
    if (revoked instanceof Refusal) return revoked;
    for (const { id, name } of revoked) {
      log.warn({ principal: caller.principal, id, name }, "the operator revokes a token");
    }
    return revoked;
  }

  #announce(call: string, { principal }: Caller): Announce {
    return ({ id, name, scopes }) => {
      const subject = `${id} ${name} ${scopes.join(",")}`;
      return this.#parts.audit.record({ act: "token", principal, call, subject });
    };
  }
}

/** On the Unix socket nothing is refused: its caller can read the node's files as well. */
function refusalToGive({ scopes, further }: NewToken, caller: Caller): Refusal | undefined {
  if (isOnSocket(caller)) return undefined;
  const remedy = "Make this token on the node's machine, by its Unix socket.";
  if (further) {
    const message = "over the network no further token of a name is made";
    return new Refusal("PERMISSION_DENIED", { message, field: "further", remedy });
  }
  const scope = scopes.find((wanted) => !caller.scopes.has(wanted));
  if (scope === undefined) return undefined;
  return new Refusal("PERMISSION_DENIED", {
    message: `${caller.principal} does not have the scope ${scope}, and cannot give it`,
    field: "scopes",
    metadata: { scope },
    remedy,
  });
}
