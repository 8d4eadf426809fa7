/**
 * Answers to members that ask for a share or a commitment. The member's result is compared with this node's first, and one
 * that differs is answered with this node's (S9).
 */
import { equalBytes } from "../../primitives/bytes.ts";
import type { NetworkId } from "../../primitives/ids.ts";
import type { Height, ValidatorIndex } from "../../primitives/numbers.ts";
import type { SealAnswer, SealRequest, SignRequest } from "../../seal/messages.ts";
import { coverOf } from "../../seal/target.ts";
import type { Seals } from "../../storage/contracts.ts";
import { Refusal } from "../../transport/refusal.ts";
import {
  type ComputedResult,
  type SignedVerification,
  sameResult,
  type VerificationAnswer,
} from "../../transport/verification.ts";
import type { System } from "../base/system.ts";
import { withTimeLimit } from "../base/time-limit.ts";
import type { TraceObserver } from "../base/trace-observer.ts";
import type { EngineSlot } from "./engine-slot.ts";
import type { SealSchedule } from "./seal-schedule.ts";
import type { VerificationStatements } from "./verification-statements.ts";

/** Calls that wait for a height. */
export interface HeightWaiters {
  readonly isFull: boolean;
  /** Highest committed. */
  readonly finalHeight: number;
  height(level: "final", height: Height, signal: AbortSignal): Promise<unknown>;
}

export interface ShareAnswersParts {
  readonly networkId: NetworkId;
  readonly statements: VerificationStatements;
  readonly engine: Pick<EngineSlot, "answer">;
  readonly schedule: Pick<SealSchedule, "heard">;
  readonly seals: Pick<Seals, "loadAtOrAbove">;
  readonly waiters: HeightWaiters;
  /** The longest wait of a request until its block is committed here. */
  readonly commitWaitMs: number;
  readonly system: Pick<System, "after" | "monotonic">;
  readonly traces?: TraceObserver | undefined;
}

export class ShareAnswers {
  readonly #parts: ShareAnswersParts;

  constructor(parts: ShareAnswersParts) {
    this.#parts = parts;
  }

  async answer(
    signed: SignedVerification,
    caller: ValidatorIndex | undefined,
  ): Promise<VerificationAnswer | Refusal> {
    const { networkId, statements, schedule, engine, system, traces } = this.#parts;
    const { statement } = signed;
    const { sender, computed, request } = statement;
    if (!equalBytes(statement.networkId, networkId)) {
      return new Refusal("WRONG_NETWORK", {
        message: "the statement names another network",
        field: "statement.networkId",
      });
    }
    if (!(await statements.isAuthentic(signed, caller))) {
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
      const own = await statements.ownResult(computed.height);
      if (own !== undefined && !sameResult(own, computed)) {
        await statements.accuse(signed, own);
        return { kind: "differingResult", verification: statements.sign({ computed: own }) };
      }
    }
    const isBare = request.kind === "sign" && request.target.kind === "header" && !computed;
    if (isBare || (computed !== undefined && !isAbout(request, computed))) {
      return new Refusal("MISSING_FIELD", {
        message: "a share is given only to a member that states its own result of the same header",
        field: "statement.computed",
      });
    }
    schedule.heard(sender, system.monotonic());
    const since = traces?.now();
    const reason = "notFinal";
    const answer = (await engine.answer(sender, request)) ?? { kind: "refused", reason };
    if (computed !== undefined && answer.kind === "share") traces?.shared(computed.height, since);
    if (request.kind !== "sign" || answer.kind !== "refused") return answer;
    const stored = answer.reason === reason ? await this.#storedSeal(request) : undefined;
    return stored ?? { ...answer, session: request.session };
  }

  /** S4: the engine knows the latest seals; older ones, made before this start, are in the store. */
  async #storedSeal({ target, session }: SignRequest): Promise<SealAnswer | undefined> {
    if (target.kind === "test" || !Number.isSafeInteger(coverOf(target.height))) return undefined;
    const stored = await this.#parts.seals.loadAtOrAbove(target.height);
    if (stored === undefined || stored.height > coverOf(target.height)) return undefined;
    const { height: at, seal } = stored;
    return { kind: "seal", session, target: { ...target, height: at }, seal };
  }

  /** Settles when the height is committed here, or soon enough. */
  async #untilCommitted(at: Height): Promise<void> {
    const { waiters, system, commitWaitMs } = this.#parts;
    // Nearly always it is: no timer is started then.
    if (waiters.finalHeight >= at || waiters.isFull) return;
    await withTimeLimit(system, commitWaitMs, (soon) => waiters.height("final", at, soon));
  }
}

function isAbout(request: SealRequest, computed: ComputedResult): boolean {
  if (request.kind !== "sign" || request.target.kind !== "header") return true;
  return request.target.height === computed.height;
}
