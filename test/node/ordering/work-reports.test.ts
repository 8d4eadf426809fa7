/** Reports of the pool's work: each that the core could act on, and no other (R2, R8). */
import { describe, expect, it } from "vitest";
import type { Input } from "../../../src/consensus/interface.ts";
import { Pool } from "../../../src/mempool/pool.ts";
import { createLog } from "../../../src/node/base/log.ts";
import { CoreEffects } from "../../../src/node/ordering/core-effects.ts";
import { WorkReports } from "../../../src/node/ordering/work-reports.ts";
import type { Header } from "../../../src/primitives/block.ts";
import { validatorIndex, view } from "../../../src/primitives/numbers.ts";
import type { SignedOperation } from "../../../src/primitives/operation.ts";
import {
  CREATED_AT,
  createNetwork,
  creation,
  GRACE_MS,
  LIFETIME_MS,
  transfer,
} from "../../ledger/fixture.ts";
import { buildOn, Chain, freshApplication, partsOn } from "../chain.ts";

const network = createNetwork();
const NOW = CREATED_AT + 10_000;

function pay(id: string, validUntil = NOW + 30_000): SignedOperation {
  return transfer(network, { from: "alice", to: "bob", amount: 1n, id, validUntil });
}

interface Timer {
  readonly at: number;
  readonly action: () => void;
}

/** Reports on a real pool and application at the tip of a chain, with a clock and timers that the test moves. */
class Rig {
  now = NOW;
  readonly timers = new Set<Timer>();
  readonly #told: Input[] = [];
  readonly #chain = new Chain(network);
  readonly #pool = new Pool({ operationsPerSenderMax: 1_000, bytesPerSenderMax: 1_000_000 });
  readonly #application = freshApplication(network, this.#pool);
  readonly #parts = partsOn({
    context: network.context,
    pool: this.#pool,
    application: this.#application,
  });
  readonly reports = new WorkReports({
    work: this.#parts.work,
    driver: {
      push: (input) => {
        this.#told.push(input);
        return Promise.resolve();
      },
    },
    system: {
      wall: () => this.now,
      after: (delayMs, action) => {
        const timer = { at: this.now + delayMs, action };
        this.timers.add(timer);
        return () => this.timers.delete(timer);
      },
    },
  });

  constructor() {
    this.#chain.add(...["alice", "bob"].map((name) => creation(network, { name, balance: 50n })));
    for (const block of this.#chain.blocks) this.#application.finalize(block);
    this.#follow(this.tip);
  }

  /** The reports since the last call. */
  news(): Input[] {
    return this.#told.splice(0);
  }

  add(operation: SignedOperation): void {
    expect(this.#pool.add(operation, validatorIndex(1))).toBe("added");
    this.reports.reassess();
  }

  /** They are in a final block. */
  settle(...operations: readonly SignedOperation[]): void {
    const keys = operations.map(({ key }) => key);
    this.#pool.settle(keys, this.tip.header.time, GRACE_MS);
    this.reports.reassess();
  }

  /** A block of everything in the pool becomes the core's branch. */
  order(): void {
    const block = this.#parts.builder.build(buildOn(this.tip), this.now);
    if (block === undefined) expect.fail("nothing to order");
    this.#follow(block);
  }

  returnToTip(): void {
    this.#follow(this.tip);
  }

  /** The time of the only timer comes; the wall clock may be behind the one of timers. */
  ring(behindMs = 0): void {
    const [timer, ...others] = this.timers;
    expect(others).toEqual([]);
    if (timer === undefined) expect.fail("no timer runs");
    this.now = timer.at - behindMs;
    this.timers.delete(timer);
    timer.action();
  }

  get tip() {
    const tip = this.#chain.blocks.at(-1);
    if (tip === undefined) throw new Error("the chain has a block");
    return tip;
  }

  #follow(branch: { readonly hash: Uint8Array; readonly header: Header }): void {
    this.reports.follow({ kind: "assessWork", branch, ancestors: [] });
  }
}

const nothing = { kind: "work", worthABlock: false, pending: false, overdue: false };
const pending = { kind: "work", worthABlock: false, pending: true, overdue: false };
const overdue = { kind: "work", worthABlock: false, pending: true, overdue: true };
const aBlock = { kind: "work", worthABlock: true, pending: true, overdue: false };

describe("R2: work is reported", () => {
  it("when the first operation comes and when the last one leaves, not for those between", () => {
    const rig = new Rig();
    expect(rig.news()).toEqual([nothing]);
    const operations = ["1", "2", "3"].map((id) => pay(id));
    for (const operation of operations) rig.add(operation);
    expect(rig.news()).toEqual([pending]);
    rig.settle(...operations.slice(1));
    expect(rig.news()).toEqual([]);
    rig.settle(...operations.slice(0, 1));
    expect(rig.news()).toEqual([nothing]);
  });

  it("anew on every branch that the core names", () => {
    const rig = new Rig();
    rig.add(pay("ordered"));
    rig.news();
    rig.order();
    expect(rig.news()).toEqual([nothing]);
    rig.add(pay("another"));
    expect(rig.news()).toEqual([pending]);
    rig.order();
    expect(rig.news()).toEqual([nothing]);
    rig.returnToTip();
    rig.returnToTip();
    expect(rig.news()).toEqual([pending, pending]);
  });

  it("when a window ends, also that of an operation that came last and ends first", () => {
    const rig = new Rig();
    rig.add(pay("late", NOW + 20_000));
    rig.add(pay("early", NOW + 1_000));
    rig.add(pay("between", NOW + 5_000));
    expect(rig.news()).toEqual([nothing, pending]);
    rig.ring(1);
    expect(rig.news()).toEqual([]);
    rig.ring();
    expect(rig.now).toBe(NOW + 1_000 + GRACE_MS + 1);
    expect(rig.news()).toEqual([overdue]);
    expect([...rig.timers]).toEqual([]);
  });

  it("when the window of an operation that came too early begins", () => {
    const rig = new Rig();
    rig.add(pay("too early", NOW + LIFETIME_MS + 700));
    expect(rig.news()).toEqual([nothing]);
    rig.ring();
    expect(rig.now).toBe(NOW + 700);
    expect(rig.news()).toEqual([pending]);
  });

  it("at the time that a clock shows which was set", () => {
    const rig = new Rig();
    rig.add(pay("one", NOW + 1_000));
    const [before] = rig.timers;
    rig.news();
    rig.now -= 60_000;
    rig.reports.clockWasSet();
    expect(rig.news()).toEqual([{ kind: "tick" }]);
    expect([...rig.timers].map(({ at }) => at)).toEqual([NOW + 1_000 + GRACE_MS + 1]);
    expect([...rig.timers]).not.toContain(before);
    rig.reports.stop();
    expect([...rig.timers]).toEqual([]);
  });
});

describe("R8: after a build that found nothing to order", () => {
  it("the next operation is reported, though one was pending all the time", () => {
    const rig = new Rig();
    rig.add(pay("1"));
    rig.news();
    const none = { kind: "built", view: view(9), block: undefined };
    expect(buildInVain(rig)).toMatchObject([none]);
    expect(rig.news()).toEqual([]);
    rig.add(pay("2"));
    rig.add(pay("3"));
    expect(rig.news()).toEqual([pending]);
  });
});

/** The core asks for a block, and the application can build none; gives the answers. */
function buildInVain(rig: Rig): Input[] {
  const answers: Input[] = [];
  const unused = () => expect.fail("a build needs only the builder");
  const effects = new CoreEffects({
    self: validatorIndex(0),
    validators: [],
    driver: {
      push: (input) => {
        answers.push(input);
        return Promise.resolve();
      },
    },
    builder: { build: () => undefined },
    proposals: { judge: unused },
    catchUp: { request: unused },
    work: rig.reports,
    finalizer: { take: unused },
    pool: { first: unused },
    links: { send: unused },
    store: { evidence: { append: unused, load: unused, size: 0 } },
    system: { wall: () => rig.now },
    log: createLog("node-1", "silent"),
    fail: unused,
  });
  effects.perform(buildOn(rig.tip));
  return answers;
}

describe("R8: a block's worth of operations", () => {
  it("is reported when the last of 128 comes, and again when fewer wait", () => {
    const rig = new Rig();
    const operations = Array.from({ length: 128 }, (_, i) => pay(`operation ${i}`));
    const [first, ...others] = operations;
    const last = others.pop();
    if (first === undefined || last === undefined) expect.fail("no operations");
    rig.news();
    for (const operation of [first, ...others]) rig.add(operation);
    expect(rig.news()).toEqual([pending]);
    rig.add(last);
    expect(rig.news()).toEqual([aBlock]);
    rig.settle(first);
    expect(rig.news()).toEqual([pending]);
  });
});
