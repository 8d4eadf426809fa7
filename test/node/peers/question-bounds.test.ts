/** T6: a question that its member gave up before its turn is not worked on, but stays charged. */
import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { QuestionBounds } from "../../../src/node/peers/question-bounds.ts";
import { LIMITS } from "../../../src/primitives/limits.ts";
import { height, validatorIndex } from "../../../src/primitives/numbers.ts";
import type { FetchedBlocks } from "../../../src/transport/peer-api.ts";

const [MEMBER, OTHER] = [validatorIndex(1), validatorIndex(2)];
const LARGE: FetchedBlocks = {
  blocks: [
    { header: new Uint8Array(), operations: [new Uint8Array(LIMITS.blockBytesAskedByPeer.burst)] },
  ],
  finalHeight: height(1),
};

/** On a clock that stands still. */
function bounds() {
  const timers = new Set<() => void>();
  const time = {
    monotonic: () => 0,
    after: (_: number, action: () => void) => {
      timers.add(action);
      return () => timers.delete(action);
    },
  };
  return { questions: new QuestionBounds(time, 4), timers };
}

type Ask = (
  questions: QuestionBounds,
  call: { readonly caller: typeof MEMBER; readonly signal: AbortSignal | undefined },
  work: () => void,
) => Promise<unknown>;

/** Each with how often it may be asked at once. */
const QUESTIONS: Readonly<Record<string, readonly [Ask, number]>> = {
  operations: [
    (questions, call, work) => questions.operations(call, LIMITS.operationsAskedByPeer.burst, work),
    1,
  ],
  blocks: [
    (questions, call, work) => {
      return questions.blocks(call, async () => {
        work();
        return LARGE;
      });
    },
    1,
  ],
  "a registration": [
    (questions, call, work) => questions.registration(call, async () => work()),
    LIMITS.registrationsOfPeer.burst,
  ],
  "a question about a seal": [
    (questions, call, work) => questions.seal(call, async () => work()),
    LIMITS.sealQuestionsOfPeer.burst,
  ],
};

describe("T6: a question that its member gave up", () => {
  it.each(Object.entries(QUESTIONS))("is not worked on: %s", async (_, [ask, free]) => {
    const { questions, timers } = bounds();
    let worked = 0;
    const work = () => {
      worked += 1;
    };
    for (let i = 0; i < free; i++) {
      await ask(questions, { caller: MEMBER, signal: undefined }, work);
    }
    expect(worked).toBe(free);
    const call = new AbortController();
    const answer = ask(questions, { caller: MEMBER, signal: call.signal }, work);
    await setImmediate();
    expect(timers.size).toBe(1);
    call.abort();
    expect(await answer).toMatchObject({ reason: "CANCELED" });
    expect(worked).toBe(free);
    expect(timers.size).toBe(0);
    await ask(questions, { caller: OTHER, signal: undefined }, work);
    expect(worked, "while others are worked for").toBe(free + 1);
  });
});
