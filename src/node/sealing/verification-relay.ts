/**
 * Verification between nodes: every request for a share carries the sender's own result, signed with its identity
 * key, and is compared with this node's result. A differing result is signed evidence against its sender, and does
 * not affect other members (S9).
 */
import { decodeHeader } from "../../primitives/block.ts";
import { equalBytes, toHex } from "../../primitives/bytes.ts";
import { EncodingError } from "../../primitives/encoding.ts";
import type { Hash } from "../../primitives/hash.ts";
import type { NetworkId } from "../../primitives/ids.ts";
import { KeyCounts } from "../../primitives/key-counts.ts";
import { LIMITS } from "../../primitives/limits.ts";
import type { Height, ValidatorIndex } from "../../primitives/numbers.ts";
import type { Validator } from "../../primitives/validators.ts";
import type { SealAnswer, SealRequest } from "../../seal/messages.ts";
import type { Blocks, EvidenceRecords } from "../../storage/contracts.ts";
import { Refusal } from "../../transport/refusal.ts";
import {
  type ComputedResult,
  encodeSignedVerification,
  encodeVerification,
  resultOf,
  type SignedVerification,
  sameResult,
  type VerificationAnswer,
  type VerificationStatement,
} from "../../transport/verification.ts";
import type { SigningKey } from "../base/crypto.ts";
import type { Log } from "../base/log.ts";
import type { SignatureChecker } from "../base/signature-checker.ts";
import type { System } from "../base/system.ts";
import { withTimeLimit } from "../base/time-limit.ts";
import type { SealDriver } from "./seal-driver.ts";

/** Calls that wait for a height. */
export interface HeightWaiters {
  readonly isFull: boolean;
  height(level: "final", height: Height, signal: AbortSignal): Promise<unknown>;
}

export interface VerificationPeers {
  /** Calls a peer; undefined if no answer came. */
  verification(
    peer: ValidatorIndex,
    signed: SignedVerification,
  ): Promise<VerificationAnswer | undefined>;
}

export interface VerificationRelayParts {
  readonly networkId: NetworkId;
  readonly validators: readonly Validator[];
  readonly self: ValidatorIndex;
  readonly identity: SigningKey;
  readonly hash: Hash;
  readonly checker: SignatureChecker;
  readonly store: {
    readonly evidence: Pick<EvidenceRecords, "append">;
    readonly blocks: Pick<Blocks, "loadHeader">;
  };
  readonly log: Log;
  readonly driver: Pick<SealDriver, "answer">;
  readonly waiters: HeightWaiters;
  readonly peers: VerificationPeers;
  /** The longest wait of a request until its block is committed here. */
  readonly commitWaitMs: number;
  readonly system: Pick<System, "after">;
}

export class VerificationRelay {
  readonly #parts: VerificationRelayParts;
  readonly #accusations = new KeyCounts<ValidatorIndex>();

  constructor(parts: VerificationRelayParts) {
    this.#parts = parts;
  }

  /** Asks a peer for a share or a commitment, with this node's own result. */
  async ask(to: ValidatorIndex, request: SealRequest): Promise<SealAnswer | undefined> {
    const computed = await this.#ownResultFor(request);
    const signed = this.#sign({ computed, request });
    const answer = await this.#parts.peers.verification(to, signed);
    if (answer?.kind !== "differingResult") return answer;
    const stated = answer.verification.statement.computed;
    const own = stated && (await this.#ownResult(stated.height));
    // A statement that contradicts no result of this node accuses no member, and would take the room of one that
    // does.
    if (stated === undefined || own === undefined || sameResult(own, stated)) return undefined;
    if (await this.#isAuthentic(answer.verification, to)) {
      await this.#accuse(answer.verification, own);
    }
    return undefined;
  }

  async answer(
    signed: SignedVerification,
    caller: ValidatorIndex | undefined,
  ): Promise<VerificationAnswer | Refusal> {
    const { statement } = signed;
    const { sender, computed, request } = statement;
    if (!equalBytes(statement.networkId, this.#parts.networkId)) {
      return new Refusal("WRONG_NETWORK", {
        message: "the statement names another network",
        field: "statement.networkId",
      });
    }
    if (!(await this.#isAuthentic(signed, caller))) {
      return new Refusal("INVALID_SIGNATURE", {
        message: "the statement is not signed by the member it names, or not sent by it",
        field: "signature",
      });
    }
    if (request === undefined) {
      return new Refusal("MISSING_FIELD", { message: "nothing is asked for", field: "statement" });
    }
    if (computed !== undefined) {
      // The coordinator may be a moment ahead; a refusal would cost it a whole session.
      await this.#untilCommitted(computed.height);
      const own = await this.#ownResult(computed.height);
      if (own !== undefined && !sameResult(own, computed)) {
        await this.#accuse(signed, own);
        return { kind: "differingResult", verification: this.#sign({ computed: own }) };
      }
    }
    const isBare = request.kind === "sign" && request.target.kind === "header" && !computed;
    if (isBare || (computed !== undefined && !isAbout(request, computed))) {
      return new Refusal("MISSING_FIELD", {
        message: "a share is given only to a member that states its own result of the same header",
        field: "statement.computed",
      });
    }
    const answer = await this.#parts.driver.answer(sender, request);
    if (answer !== undefined) return answer;
    const reason = "notFinal";
    return request.kind === "sign"
      ? { kind: "refused", session: request.session, reason }
      : { kind: "refused", reason };
  }

  /** Settles when the height is committed here, or soon enough. */
  async #untilCommitted(at: Height): Promise<void> {
    const { waiters, system, commitWaitMs } = this.#parts;
    if (waiters.isFull) return;
    await withTimeLimit(system, commitWaitMs, (soon) => waiters.height("final", at, soon));
  }

  async #ownResultFor(request: SealRequest): Promise<ComputedResult | undefined> {
    if (request.kind !== "sign" || request.target.kind !== "header") return undefined;
    return await this.#ownResult(request.target.height);
  }

  async #ownResult(at: Height): Promise<ComputedResult | undefined> {
    const bytes = await this.#parts.store.blocks.loadHeader(at);
    const header = bytes === undefined ? undefined : decodeHeader(bytes);
    if (bytes === undefined || header === undefined || header instanceof EncodingError) {
      return undefined;
    }
    return resultOf(header, this.#parts.hash(bytes));
  }

  #sign(parts: Pick<VerificationStatement, "computed" | "request">): SignedVerification {
    const { networkId, self, identity } = this.#parts;
    const statement: VerificationStatement = { networkId, sender: self, ...parts };
    return { statement, signature: identity.sign(encodeVerification(statement)) };
  }

  async #isAuthentic(
    { statement, signature }: SignedVerification,
    caller: ValidatorIndex | undefined,
  ): Promise<boolean> {
    const { networkId, validators, checker } = this.#parts;
    const member = validators[statement.sender];
    if (member === undefined || !equalBytes(statement.networkId, networkId)) return false;
    if (caller !== undefined && caller !== statement.sender) return false;
    const message = encodeVerification(statement);
    return await checker.check([{ publicKey: member.identityKey, message, signature }]);
  }

  /** Stored with the peer's signature and logged, up to a limit: a peer can state this without end. */
  async #accuse(theirs: SignedVerification, own: ComputedResult | undefined): Promise<void> {
    const { store, log } = this.#parts;
    const { sender, computed } = theirs.statement;
    if (!this.#accusations.addBelow(LIMITS.accusationsPerMemberMax, sender)) return;
    const fault = { member: sender, kind: "differingResult" } as const;
    await store.evidence.append(fault, encodeSignedVerification(theirs));
    const [peer, ours] = [computed, own].map((one) => one && toHex(one.blockHash));
    log.error({ sender, height: computed?.height, peer, ours }, "a peer states another result");
  }
}

function isAbout(request: SealRequest, computed: ComputedResult): boolean {
  if (request.kind !== "sign" || request.target.kind !== "header") return true;
  return request.target.height === computed.height;
}
