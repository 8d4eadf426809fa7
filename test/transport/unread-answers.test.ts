/** Goal: members that ask and do not read take up bounded memory, and keep nobody who reads waiting. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LIMITS } from "../../src/primitives/limits.ts";
import { validatorIndex } from "../../src/primitives/numbers.ts";
import { type AnswerStream, UnreadAnswers } from "../../src/transport/unread-answers.ts";

const { bytesMax, bytesPerMemberMax } = LIMITS.unreadAnswers;
const BLOCKS = LIMITS.blockBytesMax + LIMITS.headerBytesMax;
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

class Reader implements AnswerStream {
  #gone: (() => void) | undefined;
  isCut = false;

  onGone = (gone: () => void) => {
    this.#gone = gone;
  };

  cut = () => {
    this.isCut = true;
    this.#gone?.();
  };

  read(): void {
    this.#gone?.();
  }
}

function open(readMs = 60_000) {
  const answers = new UnreadAnswers({ now: () => performance.now(), readMs });
  const ask = (member: number, bytes = BLOCKS, size = bytes) => {
    const stream = new Reader();
    const abort = new AbortController();
    const asked = { stream, abort, isBuilt: false, failure: undefined as unknown };
    const call = {
      caller: validatorIndex(member),
      bytesMax: bytes,
      stream,
      signal: abort.signal,
    };
    const build = async () => {
      asked.isBuilt = true;
      return size;
    };
    answers
      .build(call, build, (answer) => answer)
      .catch((error: unknown) => {
        asked.failure = error;
      });
    return asked;
  };
  return { answers, ask };
}

describe("T7: answers that nobody reads", () => {
  it("hold at most so much of one member, and the rest is not built", async () => {
    const { answers, ask } = open();
    const asked = Array.from({ length: LIMITS.callsPerMemberMax }, () => ask(1));
    await turn();
    expect(asked.filter(({ isBuilt }) => isBuilt)).toHaveLength(2);
    expect(answers.bytes).toBeLessThanOrEqual(bytesPerMemberMax);
    const other = ask(2);
    await turn();
    expect(other.isBuilt).toBe(true);
  });

  it("hold at most so much of all members, whatever they do", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.nat(BLOCKS), fc.nat(3)), {
          maxLength: 200,
        }),
        async (steps) => {
          const { answers, ask } = open();
          const asked: ReturnType<typeof ask>[] = [];
          for (const [member, size, what] of steps) {
            if (what < 2) asked.push(ask(member, BLOCKS, size));
            else if (what === 2) asked[size % Math.max(1, asked.length)]?.stream.read();
            else asked[size % Math.max(1, asked.length)]?.abort.abort(new Error("given up"));
            await turn();
            expect(answers.bytes).toBeLessThanOrEqual(bytesMax);
          }
          for (let left = steps.length + 1; left > 0; left--) {
            for (const { stream, isBuilt } of asked) if (isBuilt) stream.read();
            await turn();
          }
          expect(answers.bytes).toBe(0);
          expect(asked.every(({ isBuilt, failure }) => isBuilt || failure !== undefined)).toBe(
            true,
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  it("are built in turn as soon as there is room, in the order they were asked for", async () => {
    const { ask } = open();
    const [first, second, third, fourth] = [ask(1), ask(1), ask(1), ask(1)];
    await turn();
    expect([first, second, third, fourth].map(({ isBuilt }) => isBuilt)).toEqual([
      true,
      true,
      false,
      false,
    ]);
    first?.stream.read();
    await turn();
    expect(third?.isBuilt).toBe(true);
    expect(fourth?.isBuilt).toBe(false);
  });

  it("give back at once what they were estimated too large", async () => {
    const { answers, ask } = open();
    ask(1, BLOCKS, 1_000);
    await turn();
    expect(answers.bytes).toBe(1_000);
  });

  it("are cut in the end, and their members leave half of the room to those who read", async () => {
    const { answers, ask } = open(5);
    const unread = [1, 2, 3, 4, 5].map((member) => ask(member));
    await expect.poll(() => unread.every(({ stream }) => stream.isCut)).toBe(true);
    expect(answers.bytes).toBe(0);
    for (const member of [1, 2, 3, 4, 5, 1, 2, 3, 4, 5]) ask(member);
    await turn();
    expect(answers.bytes).toBeLessThanOrEqual(bytesMax / 2);
    const honest = ask(9);
    await turn();
    expect(honest.isBuilt).toBe(true);
  });

  it("of a call that was given up take no room", async () => {
    const { answers, ask } = open();
    const [, , waiting] = [ask(1), ask(1), ask(1)];
    waiting?.abort.abort(new Error("given up"));
    await turn();
    expect(waiting).toMatchObject({ isBuilt: false, failure: new Error("given up") });
    expect(answers.bytes).toBe(2 * BLOCKS);
  });
});
