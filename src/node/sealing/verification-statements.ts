/**
 * Statements of verification: a node's own result, signed with its identity key. A differing result is signed evidence
 * against its sender, and does not affect other members (S9).
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
import type { Blocks, EvidenceRecords } from "../../storage/contracts.ts";
import {
  type ComputedResult,
  encodeSignedVerification,
  encodeVerification,
  resultOf,
  type SignedVerification,
  type VerificationStatement,
} from "../../transport/verification.ts";
import type { SigningKey } from "../base/crypto.ts";
import type { Log } from "../base/log.ts";
import type { SignatureChecker } from "../base/signature-checker.ts";

export interface VerificationStatementsParts {
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
}

export class VerificationStatements {
  readonly #parts: VerificationStatementsParts;
  readonly #accusations = new KeyCounts<ValidatorIndex>();

  constructor(parts: VerificationStatementsParts) {
    this.#parts = parts;
  }

  /** Of a height that is committed here; undefined for any other. */
  async ownResult(at: Height): Promise<ComputedResult | undefined> {
    const bytes = await this.#parts.store.blocks.loadHeader(at);
    const header = bytes === undefined ? undefined : decodeHeader(bytes);
    if (bytes === undefined || header === undefined || header instanceof EncodingError) {
      return undefined;
    }
    return resultOf(header, this.#parts.hash(bytes));
  }

  sign(parts: Pick<VerificationStatement, "computed" | "request">): SignedVerification {
    const { networkId, self, identity } = this.#parts;
    const statement: VerificationStatement = { networkId, sender: self, ...parts };
    return { statement, signature: identity.sign(encodeVerification(statement)) };
  }

  /** True if it is of this network, signed by the member that it names, and that member is the caller, if there is one. */
  async isAuthentic(
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
  async accuse(theirs: SignedVerification, own: ComputedResult | undefined): Promise<void> {
    const { store, log } = this.#parts;
    const { sender, computed } = theirs.statement;
    if (!this.#accusations.addBelow(LIMITS.accusationsPerMemberMax, sender)) return;
    const fault = { member: sender, kind: "differingResult" } as const;
    await store.evidence.append(fault, encodeSignedVerification(theirs));
    const [peer, ours] = [computed, own].map((one) => one && toHex(one.blockHash));
    log.error({ sender, height: computed?.height, peer, ours }, "a peer signed a differing result");
  }
}
