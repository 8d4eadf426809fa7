/** What one member can make a node do at a time, though it gives its calls up and the listener counts them no more. */
import { describe, expect, it } from "vitest";
import { peerAnswers } from "../../../src/node/peers/peer-answers.ts";
import { LIMITS } from "../../../src/primitives/limits.ts";
import { epoch, height, validatorIndex, view } from "../../../src/primitives/numbers.ts";
import type { PeerApi } from "../../../src/transport/peer-api.ts";
import { Refusal } from "../../../src/transport/refusal.ts";

const [FLOODER, OTHER] = [validatorIndex(1), validatorIndex(2)];
/** Serves as any kind of answer. */
const ANSWER = Object.assign(new Refusal("NOT_FOUND", { message: "worked on to the end" }), {
  blocks: [],
});

/** What was called goes as far as it can without time. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Work for a question ends when it is told to. */
function slowAnswers() {
  let begun = 0;
  const callers: number[] = [];
  let operationsAsked = 0;
  const time = { now: 0 };
  const timers: { readonly at: number; readonly action: () => void }[] = [];
  const ends: (() => void)[] = [];
  const work = () => {
    begun += 1;
    // Whatever it is: the test looks at whether it was begun.
    return new Promise<never>((resolve) => ends.push(() => resolve(ANSWER as never)));
  };
  const api = peerAnswers({
    registry: { register: work },
    desk: {
      receive: work,
      recall: () => expect.fail("not asked"),
      fetchBlocks: work,
      fetchOperations: (leafHashes) => {
        operationsAsked += leafHashes.length;
        return [];
      },
      fetchCertificates: work,
    },
    snapshots: { serve: work },
    countersigning: { answer: work },
    wall: () => 0,
    isSpeaking: () => true,
    onCall: (caller) => callers.push(caller),
    system: {
      monotonic: () => time.now,
      after: (delayMs, action) => {
        const due = { at: time.now + delayMs, action };
        timers.push(due);
        return () => timers.splice(timers.indexOf(due), 1);
      },
    },
  });
  const pass = async (milliseconds: number) => {
    time.now += milliseconds;
    for (const due of timers.filter(({ at }) => at <= time.now)) {
      timers.splice(timers.indexOf(due), 1);
      due.action();
    }
    await turn();
  };
  const endAll = () => {
    for (const end of ends.splice(0)) end();
  };
  return { api, callers, begun: () => begun, operationsAsked: () => operationsAsked, endAll, pass };
}

const start = { kind: "height", height: height(1) } as const;
const QUESTIONS: Readonly<Record<string, (api: PeerApi, caller: typeof FLOODER) => unknown>> = {
  "a registration": (api, caller) => api.register({} as never, caller),
  "a verification": (api, caller) => api.verification({} as never, caller),
  blocks: (api, caller) => api.fetchBlocks({ start, count: 256, headersOnly: false }, caller),
  certificates: (api, caller) => api.fetchCertificates({ epoch: epoch(1), view: view(1) }, caller),
  "a snapshot": (api, caller) => api.fetchSnapshot({ height: undefined, after: undefined }, caller),
};

describe("T6: a member that asks without end, and gives every call up", () => {
  it.each(Object.entries(QUESTIONS))("has only so much work done for %s", async (_, ask) => {
    const { api, begun, endAll } = slowAnswers();
    const answers = Array.from({ length: 1_000 }, () => ask(api, FLOODER));
    await turn();
    expect(begun()).toBe(LIMITS.callsPerMemberMax);
    expect(await answers.at(-1)).toMatchObject({ reason: "TOO_MANY_REQUESTS" });
    void ask(api, OTHER);
    await turn();
    expect(begun(), "others are not held up").toBe(LIMITS.callsPerMemberMax + 1);
    endAll();
    expect(await answers[0]).toBe(ANSWER);
    await Promise.all(answers);
    void ask(api, FLOODER);
    await turn();
    expect(begun(), "nor is it, later").toBe(LIMITS.callsPerMemberMax + 2);
  });

  it("takes up no room of callers that are no members, nor do they of one another", () => {
    const { api, begun } = slowAnswers();
    for (let i = 0; i < 100; i++) void api.register({} as never, undefined);
    expect(begun()).toBe(100);
  });
});

describe("a call of a member that its certificate proves", () => {
  const empty = { operations: [], consensusMessages: [], seals: [] };
  const calls: Readonly<Record<string, (api: PeerApi) => unknown>> = {
    ...Object.fromEntries(
      Object.entries(QUESTIONS).map(([name, ask]) => [name, (api: PeerApi) => ask(api, OTHER)]),
    ),
    operations: (api) => api.fetchOperations([], OTHER),
    "a batch of its link": (api) => api.receive(OTHER, empty),
    "what is remembered of it": (api) => api.recall(OTHER),
    "the time": (api) => api.readClock(OTHER),
  };

  it.each(Object.entries(calls))("is noted: %s", async (_, call) => {
    const { api, callers } = slowAnswers();
    // What is answered is of no concern here.
    void Promise.resolve(call(api)).catch(() => undefined);
    expect(callers).toEqual([OTHER]);
  });

  it("is not one that anybody may send on in its name", () => {
    const { api, callers } = slowAnswers();
    void api.register({} as never, undefined);
    void api.verification({} as never, undefined);
    expect(callers).toEqual([]);
  });
});

describe("T6: a member that asks faster than an honest one needs to", () => {
  const hashes = Array.from({ length: LIMITS.blockOperationsMax }, () => new Uint8Array(32));
  const { burst, perSecond } = LIMITS.operationsAskedByPeer;

  it("gets operations at their rate, and keeps nobody else waiting", async () => {
    const { api, operationsAsked, pass } = slowAnswers();
    const ask = (caller: typeof FLOODER) => void api.fetchOperations(hashes, caller);
    for (let call = 0; call < LIMITS.callsPerMemberMax; call++) ask(FLOODER);
    await turn();
    expect(operationsAsked()).toBe(burst);
    ask(OTHER);
    await turn();
    expect(operationsAsked()).toBe(burst + hashes.length);
    await pass(1_000);
    expect(operationsAsked()).toBe(burst + hashes.length + perSecond);
  });

  it("has its questions about seals answered at their rate", async () => {
    const { api, begun, endAll, pass } = slowAnswers();
    for (let call = 0; call < LIMITS.sealQuestionsOfPeer.burst + 20; call++) {
      void api.verification({} as never, FLOODER);
      await turn();
      endAll();
      await turn();
    }
    expect(begun()).toBe(LIMITS.sealQuestionsOfPeer.burst);
    await pass(200);
    expect(begun()).toBe(
      LIMITS.sealQuestionsOfPeer.burst + LIMITS.sealQuestionsOfPeer.perSecond / 5,
    );
  });

  it("has no member's rate used up by strangers who repeat what it signed", async () => {
    const { api, begun, endAll } = slowAnswers();
    const answers: unknown[] = [];
    for (let call = 0; call < 500; call++) {
      answers.push(api.verification({} as never, undefined));
      await turn();
      endAll();
    }
    expect(begun()).toBe(LIMITS.sealQuestionsOfStrangers.burst);
    expect(await answers.at(-1)).toMatchObject({ reason: "TOO_MANY_REQUESTS" });
    void api.verification({} as never, OTHER);
    await turn();
    expect(begun()).toBe(LIMITS.sealQuestionsOfStrangers.burst + 1);
  });
});
