import { describe, expect, it } from "vitest";
import type { Core } from "../../../src/consensus/core.ts";
import type { Input, Outgoing, Output } from "../../../src/consensus/interface.ts";
import { type JournalEntry, JournalIndex } from "../../../src/consensus/journal.ts";
import type { Evidence } from "../../../src/consensus/votes.ts";
import { FIRST_EPOCH } from "../../../src/ledger/epochs.ts";
import { ConsensusDriver } from "../../../src/node/ordering/consensus-driver.ts";
import { validatorIndex, view } from "../../../src/primitives/numbers.ts";
import type { Journal } from "../../../src/storage/contracts.ts";

const empty: Output = {
  journal: [],
  messages: [],
  requests: [],
  finalized: [],
  evidence: [],
  deadline: undefined,
};

function vote(at: number): JournalEntry {
  return {
    kind: "vote",
    vote: {
      kind: "nullify",
      epoch: FIRST_EPOCH,
      view: view(at),
      signer: validatorIndex(0),
      signature: new Uint8Array(64),
    },
  };
}

const said: Outgoing = {
  to: "all",
  message: { kind: "question", epoch: FIRST_EPOCH, from: view(1), to: view(1), block: undefined },
};
const evidence = { kind: "conflictingNotarize" } as Evidence;
const connected = (peer: number): Input => ({ kind: "connected", peer: validatorIndex(peer) });

/** A driver around a core with given answers, and a journal whose syncs end when the test says so. */
class Rig {
  /** The actions of the driver, in order. */
  readonly done: string[] = [];
  readonly failures: unknown[] = [];
  readonly journalIndex = new JournalIndex();
  readonly driver: ConsensusDriver<Pick<Core, "step">>;
  #now = 1_000;
  #answers: Output[] = [];
  readonly #syncs: { readonly settle: () => void; readonly fail: (error: Error) => void }[] = [];
  #timer: { readonly at: number; readonly action: () => void } | undefined;
  #appended = 0;

  private constructor() {
    const appended = () => this.#appended;
    const journal: Pick<Journal, "append" | "next"> = {
      get next() {
        return appended();
      },
      append: (records) => {
        this.done.push(`append ${records.length}`);
        const first = this.#appended;
        this.#appended += records.length;
        const { promise, resolve, reject } = Promise.withResolvers<number>();
        this.#syncs.push({ settle: () => resolve(first), fail: reject });
        return promise;
      },
    };
    this.driver = new ConsensusDriver({
      core: this.#core(),
      journal,
      journalIndex: this.journalIndex,
      system: {
        monotonic: () => this.#now,
        wall: () => this.#now,
        after: (delayMs, action) => {
          const timer = { at: this.#now + delayMs, action };
          this.#timer = timer;
          return () => {
            if (this.#timer === timer) this.#timer = undefined;
          };
        },
      },
      fail: (error) => this.failures.push(error),
    });
  }

  /** A driver that has taken its first input. */
  static async start(): Promise<Rig> {
    const rig = new Rig();
    rig.driver.start({
      send: () => rig.done.push("send"),
      perform: ({ kind }) => rig.done.push(kind),
      finalize: (blocks) => rig.done.push(`finalize ${blocks.length}`),
      accuse: (list) => rig.done.push(`accuse ${list.length}`),
    });
    await settled();
    expect(rig.done.splice(0)).toEqual(["started at 1000"]);
    return rig;
  }

  get timerAt(): number | undefined {
    return this.#timer?.at;
  }

  /** The next outputs of the core; empty outputs follow. */
  answers(...outputs: Partial<Output>[]): void {
    this.#answers = outputs.map((output) => ({ ...empty, ...output }));
  }

  async sync(): Promise<void> {
    this.#syncs.shift()?.settle();
    await settled();
  }

  async failSync(error: Error): Promise<void> {
    this.#syncs.shift()?.fail(error);
    await settled();
  }

  async runTimer(): Promise<void> {
    const timer = this.#timer;
    this.#now = timer?.at ?? this.#now;
    this.#timer = undefined;
    timer?.action();
    await settled();
  }

  #core(): Pick<Core, "step"> {
    return {
      step: (input, now) => {
        this.done.push(`${input.kind} at ${now.monotonic}`);
        return this.#answers.shift() ?? empty;
      },
    };
  }
}

/** Everything that follows without another event has happened. */
async function settled(): Promise<void> {
  await new Promise(setImmediate);
}

async function isOver(promise: Promise<void>): Promise<boolean> {
  let over = false;
  void promise.then(() => {
    over = true;
  });
  await settled();
  return over;
}

describe("a step of the driver", () => {
  it("says nothing before its journal is synced, and then goes in the order of the output", async () => {
    const rig = await Rig.start();
    const block = {} as Output["finalized"][number];
    rig.answers({
      journal: [vote(1), vote(2)],
      messages: [said, said],
      requests: [{ kind: "repeatOperations", leader: validatorIndex(1) }],
      finalized: [block],
      evidence: [evidence],
    });
    const turn = rig.driver.push(connected(1));
    expect(await isOver(turn)).toBe(false);
    expect(rig.done).toEqual(["connected at 1000", "append 2"]);
    await rig.sync();
    expect(rig.done.slice(2)).toEqual([
      "send",
      "send",
      "repeatOperations",
      "finalize 1",
      "accuse 1",
    ]);
    expect(await isOver(turn)).toBe(true);
  });

  it("does not touch the journal if there is nothing to record", async () => {
    const rig = await Rig.start();
    rig.answers({ messages: [said] });
    await rig.driver.push(connected(1));
    expect(rig.done).toEqual(["connected at 1000", "send"]);
  });

  it("takes all that came in during a sync at once, with one sync, and speaks after it", async () => {
    const rig = await Rig.start();
    rig.answers(
      { journal: [vote(1)], messages: [said] },
      { journal: [vote(2)], messages: [said] },
      { journal: [vote(3)], messages: [said] },
    );
    const first = rig.driver.push(connected(1));
    const [second, third] = [rig.driver.push(connected(2)), rig.driver.push(connected(3))];
    await rig.sync();
    expect(await isOver(first)).toBe(true);
    expect(await isOver(second)).toBe(false);
    expect(rig.done.slice(2)).toEqual([
      "send",
      "connected at 1000",
      "connected at 1000",
      "append 2",
    ]);
    await rig.sync();
    expect(rig.done.slice(6)).toEqual(["send", "send"]);
    expect(await isOver(third)).toBe(true);
  });

  it("does not wait for the records of a silent step that makes blocks final, but says nothing before they are synced", async () => {
    const rig = await Rig.start();
    const block = {} as Output["finalized"][number];
    rig.answers({ journal: [vote(1)], finalized: [block] }, {}, { messages: [said] });
    await rig.driver.push(connected(1));
    expect(rig.done.splice(0)).toEqual(["connected at 1000", "append 1", "finalize 1"]);
    expect(rig.journalIndex.droppableBelow(view(1))).toBe(1);
    await rig.driver.push(connected(2));
    const speaking = rig.driver.push(connected(3));
    expect(await isOver(speaking)).toBe(false);
    expect(rig.done).toEqual(["connected at 1000", "connected at 1000"]);
    await rig.sync();
    expect(await isOver(speaking)).toBe(true);
    expect(rig.done.at(-1)).toBe("send");
  });

  it("waits for the records of a silent step that makes nothing final", async () => {
    const rig = await Rig.start();
    rig.answers({
      journal: [vote(1)],
      requests: [{ kind: "repeatOperations", leader: validatorIndex(1) }],
    });
    const turn = rig.driver.push(connected(1));
    expect(await isOver(turn)).toBe(false);
    expect(rig.done).toEqual(["connected at 1000", "append 1"]);
    await rig.sync();
    expect(rig.done.at(-1)).toBe("repeatOperations");
  });

  it("tells the index where each record stands, so that it can be dropped", async () => {
    const rig = await Rig.start();
    rig.answers({ journal: [vote(1), vote(2)] }, { journal: [vote(3)] });
    void rig.driver.push(connected(1));
    await rig.sync();
    void rig.driver.push(connected(2));
    await rig.sync();
    expect(rig.journalIndex.droppableBelow(view(2))).toBe(2);
    expect(rig.journalIndex.droppableBelow(view(3))).toBe(3);
  });
});

describe("the deadline that the core names", () => {
  it("gives a tick when it comes; the last one counts", async () => {
    const rig = await Rig.start();
    rig.answers({ deadline: 1_500 }, { deadline: 1_200 }, { deadline: 3_000 }, {});
    await Promise.all([rig.driver.push(connected(1)), rig.driver.push(connected(2))]);
    await settled();
    expect(rig.timerAt).toBe(1_200);
    await rig.runTimer();
    expect(rig.done.at(-1)).toBe("tick at 1200");
    expect(rig.timerAt).toBe(3_000);
    await rig.runTimer();
    expect(rig.timerAt).toBeUndefined();
  });
});

describe("a driver that is stopped", () => {
  it("sends nothing of a turn that was being synced, and keeps no caller waiting", async () => {
    const rig = await Rig.start();
    rig.answers({ journal: [vote(1)], messages: [said], deadline: 2_000 });
    const under = rig.driver.push(connected(1));
    const queued = rig.driver.push(connected(2));
    await settled();
    rig.driver.stop();
    expect(await isOver(queued)).toBe(true);
    await rig.sync();
    expect(await isOver(under)).toBe(true);
    expect(rig.done).toEqual(["connected at 1000", "append 1"]);
    expect(rig.timerAt).toBeUndefined();
    await rig.driver.push(connected(3));
    expect(rig.done).toHaveLength(2);
  });

  it("has no timer any more", async () => {
    const rig = await Rig.start();
    rig.answers({ deadline: 2_000 });
    await rig.driver.push(connected(1));
    await settled();
    rig.driver.stop();
    expect(rig.timerAt).toBeUndefined();
  });
});

describe("a journal that fails", () => {
  it("stops the driver also if no step waits for it", async () => {
    const rig = await Rig.start();
    rig.answers({ journal: [vote(1)], finalized: [{} as Output["finalized"][number]] });
    await rig.driver.push(connected(1));
    const error = new Error("the disk is full");
    await rig.failSync(error);
    expect(rig.failures).toEqual([error]);
    const steps = rig.done.length;
    await rig.driver.push(connected(2));
    expect(rig.done).toHaveLength(steps);
  });

  it("stops the driver before anything is said, and tells the node", async () => {
    const rig = await Rig.start();
    rig.answers({ journal: [vote(1)], messages: [said] });
    const under = rig.driver.push(connected(1));
    const queued = rig.driver.push(connected(2));
    await settled();
    const error = new Error("the disk is full");
    await rig.failSync(error);
    expect(rig.failures).toEqual([error]);
    expect(rig.done).toEqual(["connected at 1000", "append 1"]);
    expect(await isOver(under)).toBe(true);
    expect(await isOver(queued)).toBe(true);
  });
});
