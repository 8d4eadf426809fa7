/** Requests for shares: each carries this node's own result, signed with its identity key (S9). */
import type { ValidatorIndex } from "../../primitives/numbers.ts";
import type { SealAnswer, SealRequest } from "../../seal/messages.ts";
import {
  type ComputedResult,
  type SignedVerification,
  sameResult,
  type VerificationAnswer,
} from "../../transport/verification.ts";
import type { VerificationStatements } from "./verification-statements.ts";

export interface VerificationPeers {
  /** Calls a peer; undefined if no answer came. */
  verification(
    peer: ValidatorIndex,
    signed: SignedVerification,
  ): Promise<VerificationAnswer | undefined>;
}

export interface ShareRequestsParts {
  readonly statements: VerificationStatements;
  readonly peers: VerificationPeers;
}

export class ShareRequests {
  readonly #parts: ShareRequestsParts;

  constructor(parts: ShareRequestsParts) {
    this.#parts = parts;
  }

  /** Asks a peer for a share or a commitment, with this node's own result. */
  async ask(to: ValidatorIndex, request: SealRequest): Promise<SealAnswer | undefined> {
    const { statements, peers } = this.#parts;
    const computed = await this.#ownResultFor(request);
    const signed = statements.sign({ computed, request });
    const answer = await peers.verification(to, signed);
    if (answer?.kind !== "differingResult") return answer;
    const stated = answer.verification.statement.computed;
    const own = stated && (await statements.ownResult(stated.height));
    // A statement that contradicts no result of this node accuses no member, and would take the room of one that
    // does.
    if (stated === undefined || own === undefined || sameResult(own, stated)) return undefined;
    if (await statements.isAuthentic(answer.verification, to)) {
      await statements.accuse(answer.verification, own);
    }
    return undefined;
  }

  async #ownResultFor(request: SealRequest): Promise<ComputedResult | undefined> {
    if (request.kind !== "sign" || request.target.kind !== "header") return undefined;
    return await this.#parts.statements.ownResult(request.target.height);
  }
}
