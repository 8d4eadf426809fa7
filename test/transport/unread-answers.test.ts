/** Goal: members that ask and do not read take bounded memory, and keep no reading member waiting. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LIMITS } from "../../src/primitives/limits.ts";
import { validatorIndex } from "../../src/primitives/numbers.ts";
import {
  type AnswerStream,
  ownAnswersMax,
  UnreadAnswers,
} from "../../src/transport/unread-answers.ts";

const { sharedBytesMax, sharedBytesPerMemberMax } = LIMITS.unreadAnswers;
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

function open({ members = 4, readMs = 60_000 } = {}) {
  const answers = new UnreadAnswers({ members, readMs });
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

describe("T7: answers that are never read", () => {
  it("hold at most so much of one member, and the rest is not built", async () => {
    const { answers, ask } = open();
    const asked = Array.from({ length: LIMITS.callsPerMemberMax }, () => ask(1));
    await turn();
    expect(asked.filter(({ isBuilt }) => isBuilt)).toHaveLength(2);
    expect(answers.bytes).toBeLessThanOrEqual(BLOCKS + sharedBytesPerMemberMax);
    const other = ask(2);
    await turn();
    expect(other.isBuilt).toBe(true);
  });

  it("keep their room while they are built, though no call waits for them any more", async () => {
    const { answers } = open();
    const stream = new Reader();
    const { promise, resolve } = Promise.withResolvers<number>();
    const call = { caller: validatorIndex(1), bytesMax: BLOCKS, stream };
    const { signal } = new AbortController();
    const built = answers.build(
      { ...call, signal },
      () => promise,
      (size) => size,
    );
    await turn();
    stream.read();
    expect(answers.bytes).toBe(BLOCKS);
    resolve(BLOCKS);
    await built;
    expect(answers.bytes).toBe(0);
  });

  it("have a bounded total over all members, in any order of requests", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.nat(BLOCKS), fc.nat(3)), {
          maxLength: 200,
        }),
        async (steps) => {
          const { answers, ask } = open({ members: 31 });
          const asked: ReturnType<typeof ask>[] = [];
          for (const [member, size, what] of steps) {
            if (what < 2) asked.push(ask(member, BLOCKS, size));
            else if (what === 2) asked[size % Math.max(1, asked.length)]?.stream.read();
            else asked[size % Math.max(1, asked.length)]?.abort.abort(new Error("given up"));
            await turn();
            expect(answers.bytes).toBeLessThanOrEqual(ownAnswersMax(31) * BLOCKS + sharedBytesMax);
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

  it("are cut in the end", async () => {
    const { answers, ask } = open({ readMs: 5 });
    const unread = [1, 2, 3].map((member) => ask(member));
    await expect.poll(() => unread.every(({ stream }) => stream.isCut)).toBe(true);
    expect(answers.bytes).toBe(0);
  });

  it.each([4, 13, 31, 100])(
    "of f colluders of %i keep no member waiting that reads, however often they ask anew",
    async (members) => {
      const { answers, ask } = open({ members });
      const faults = Math.floor((members - 1) / 3);
      for (let round = 0; round < 4; round++) {
        const unread = Array.from({ length: faults * 4 }, (_, i) => ask(i % faults));
        await turn();
        expect(answers.bytes).toBeLessThanOrEqual(faults * BLOCKS + sharedBytesMax);
        for (let member = faults; member < members; member++) {
          const honest = ask(member);
          await turn();
          expect(honest.isBuilt, `member ${member}`).toBe(true);
          honest.stream.read();
        }
        // Unread answers are cut off, and their members have all their room again.
        for (const { stream } of unread) stream.cut();
        await turn();
      }
    },
  );

  it("of a call that was given up take no room", async () => {
    const { answers, ask } = open();
    const [, , waiting] = [ask(1), ask(1), ask(1)];
    waiting?.abort.abort(new Error("given up"));
    await turn();
    expect(waiting).toMatchObject({ isBuilt: false, failure: new Error("given up") });
    expect(answers.bytes).toBe(2 * BLOCKS);
  });
});
