/** Rates at which the questions of peers are answered: what an answer costs here is borne by the member that asks (T6). */
import type { Bytes } from "../../primitives/bytes.ts";
import { LIMITS } from "../../primitives/limits.ts";
import type { ValidatorIndex } from "../../primitives/numbers.ts";
import { TokenBucket } from "../../primitives/token-bucket.ts";
import type { FetchedBlocks } from "../../transport/peer-api.ts";
import { Refusal } from "../../transport/refusal.ts";
import { MemberPace } from "../base/member-pace.ts";
import type { System } from "../base/system.ts";

export class QuestionPaces {
  readonly #system: Pick<System, "monotonic" | "after">;
  readonly #operations: MemberPace;
  readonly #blocks: MemberPace;
  readonly #seals: MemberPace;
  readonly #strangers: TokenBucket;

  constructor(system: Pick<System, "monotonic" | "after">) {
    this.#system = system;
    this.#operations = new MemberPace(LIMITS.operationsAskedByPeer, system);
    this.#blocks = new MemberPace(LIMITS.blockBytesAskedByPeer, system);
    this.#seals = new MemberPace(LIMITS.sealQuestionsOfPeer, system);
    this.#strangers = new TokenBucket(LIMITS.sealQuestionsOfStrangers, system.monotonic());
  }

  /** Answers `count` operations, asked for by their hash, when it is their turn. */
  async operations<T>(caller: ValidatorIndex, count: number, answer: () => T): Promise<T> {
    await this.#operations.keep(caller, count);
    return answer();
  }

  /** Answers with blocks when those before them are paid for: only the answer shows how large it is. */
  async blocks(
    caller: ValidatorIndex,
    answer: () => Promise<FetchedBlocks>,
  ): Promise<FetchedBlocks> {
    await this.#blocks.keep(caller, LIMITS.headerBytesMax);
    const fetched = await answer();
    for (const { operations } of fetched.blocks) {
      this.#blocks.owe(caller, LIMITS.headerBytesMax + bytesOf(operations));
    }
    return fetched;
  }

  /**
   * Answers a question about a seal. Callers that are no proved members share one rate and are refused beyond it: a
   * signed question may be shown again by anybody, so its signer is not charged for it.
   */
  async seal<T>(
    caller: ValidatorIndex | undefined,
    answer: () => Promise<T>,
  ): Promise<T | Refusal> {
    if (caller !== undefined) await this.#seals.keep(caller, 1);
    else if (!this.#strangers.take(1, this.#system.monotonic())) return this.#tooMany();
    return await answer();
  }

  #tooMany(): Refusal {
    return new Refusal("TOO_MANY_REQUESTS", {
      message:
        "callers that are no members ask about seals faster than this node answers all of them together",
      metadata: { retryAfterMs: String(Math.max(1, this.#strangers.waitMs(1))) },
    });
  }
}

function bytesOf(operations: readonly Bytes[]): number {
  return operations.reduce((sum, { length }) => sum + length, 0);
}
