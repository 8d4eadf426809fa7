/** The work that one member can cause at a time, even if it abandons its calls and the listener no longer counts them. */

import { describe, expect, it } from "vitest";
import type { BlockCertificate } from "../../../src/consensus/certificates.ts";
import type { CoreStatus } from "../../../src/consensus/core.ts";
import type { Committed } from "../../../src/node/execution/finalizer.ts";
import { PeerDesk } from "../../../src/node/peers/peer-desk.ts";
import { PeerSoftware } from "../../../src/node/peers/peer-software.ts";
import { LIMITS } from "../../../src/primitives/limits.ts";
import { epoch, height, validatorIndex, view } from "../../../src/primitives/numbers.ts";
import { WHOLE_HISTORY } from "../../../src/storage/history.ts";
import { UNSTATED } from "../../../src/transport/capabilities.ts";
import type { PeerApi } from "../../../src/transport/peer-api.ts";
import { Refusal } from "../../../src/transport/refusal.ts";
import { createNetwork } from "../../ledger/fixture.ts";
import { registrationOf } from "../../transport/peer-double.ts";

const [FLOODER, OTHER] = [validatorIndex(1), validatorIndex(2)];
const FINALIZATION: BlockCertificate = {
  subject: {
    kind: "finalize",
    epoch: epoch(1),
    view: view(8),
    height: height(7),
    blockHash: new Uint8Array(32),
  },
  signatures: [],
};
/** Stands for any kind of answer. */
const ANSWER = Object.assign(new Refusal("NOT_FOUND", { message: "worked on to the end" }), {
  blocks: [],
});

/** Everything that can go on without time passing has happened. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** The work for a question ends when the test says so. */
function slowAnswers() {
  let begun = 0;
  const callers: number[] = [];
  let operationsAsked = 0;
  const time = { now: 0 };
  const timers: { readonly at: number; readonly action: () => void }[] = [];
  const ends: (() => void)[] = [];
  const work = () => {
    begun += 1;
    // The test only looks at whether it began.
    return new Promise<never>((resolve) => ends.push(() => resolve(ANSWER as never)));
  };
  const system = {
    monotonic: () => time.now,
    wall: () => 0,
    after: (delayMs: number, action: () => void) => {
      const due = { at: time.now + delayMs, action };
      timers.push(due);
      return () => timers.splice(timers.indexOf(due), 1);
    },
  };
  const api = new PeerDesk({
    context: createNetwork().context,
    epoch: epoch(1),
    consensus: {
      core: {
        status: () => ({ view: view(1) }) as CoreStatus,
        entry: () => undefined,
        finalization: () => FINALIZATION,
        standing: () => [],
      },
    },
    store: { blocks: { loadFinalization: work, bodiesFrom: height(1), history: WHOLE_HISTORY } },
    finalizer: { committed: { state: { height: height(1) } } as Committed },
    registry: { register: work, signedOf: () => undefined },
    witness: { of: () => undefined, sawCertificate: () => undefined },
    links: { receive: work },
    blocks: { serve: work },
    snapshots: { serve: work },
    verification: { answer: work },
    pool: { get: () => undefined },
    application: {
      findOperation: () => {
        operationsAsked += 1;
        return undefined;
      },
    },
    check: { isSpeaking: true, heard: () => undefined },
    contacts: {
      called: (caller) => callers.push(caller),
      software: new PeerSoftware(UNSTATED),
      greeted: async () => undefined,
      greetingFor: () => registrationOf(0),
    },
    system,
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
    expect(await answers[0]).not.toMatchObject({ reason: "TOO_MANY_REQUESTS" });
    await Promise.all(answers);
    void ask(api, FLOODER);
    await turn();
    expect(begun(), "nor is it, later").toBe(LIMITS.callsPerMemberMax + 2);
  });

  it("takes up no room of callers that are no members, nor do they of one another", async () => {
    const { api, begun } = slowAnswers();
    const { burst } = LIMITS.registrationsOfStrangers;
    expect(burst).toBeGreaterThan(LIMITS.callsPerMemberMax);
    for (let i = 0; i < burst; i++) void api.register({} as never, undefined);
    await turn();
    expect(begun()).toBe(burst);
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
    // The answer does not matter here.
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

  it("gets operations at their rate, and keeps no other member waiting", async () => {
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

  it.each([
    ["questions about seals", "verification", "sealQuestionsOfPeer", "sealQuestionsOfStrangers"],
    ["registrations", "register", "registrationsOfPeer", "registrationsOfStrangers"],
  ] as const)("has its %s taken at their rate, and no stranger uses that up", async (...row) => {
    const [, call, ofPeer, ofStrangers] = row;
    const { api, begun, endAll, pass } = slowAnswers();
    const ask = async (caller: typeof FLOODER | undefined, times: number) => {
      const before = begun();
      const answers: unknown[] = [];
      for (let time = 0; time < times; time++) {
        answers.push(api[call]({} as never, caller));
        await turn();
        endAll();
        await turn();
      }
      return { begun: begun() - before, last: answers.at(-1) };
    };
    const { burst, perSecond } = LIMITS[ofPeer];
    expect((await ask(FLOODER, burst + 20)).begun).toBe(burst);
    const before = begun();
    await pass(1_000);
    expect(begun() - before).toBe(Math.min(20, perSecond));
    endAll();
    const strangers = await ask(undefined, LIMITS[ofStrangers].burst + 200);
    expect(strangers.begun).toBe(LIMITS[ofStrangers].burst);
    expect(await strangers.last).toMatchObject({ reason: "TOO_MANY_REQUESTS" });
    expect((await ask(OTHER, 1)).begun).toBe(1);
  });
});

it("R29: a member that starts is told how far the chain is final", async () => {
  const { api } = slowAnswers();
  expect(await api.recall(OTHER)).toMatchObject({ view: 1, finalization: FINALIZATION });
});
