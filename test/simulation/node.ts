/**
 * One simulated node: its core on the shipped driver (src/node/ordering/consensus-driver.ts), over a simulated disk, network and
 * application. It may crash before any effect of a turn.
 */
import { type Core, createCore } from "../../src/consensus/core.ts";
import type {
  Finalized,
  Input,
  Now,
  Outgoing,
  Output,
  Request,
} from "../../src/consensus/interface.ts";
import {
  decodeJournalEntry,
  type JournalEntry,
  JournalIndex,
} from "../../src/consensus/journal.ts";
import { journalFault } from "../../src/consensus/journal-fault.ts";
import type { Message } from "../../src/consensus/message.ts";
import type { Evidence } from "../../src/consensus/votes.ts";
import { ConsensusDriver, type Effects } from "../../src/node/ordering/consensus-driver.ts";
import type { Block } from "../../src/primitives/block.ts";
import { type Bytes, toHex } from "../../src/primitives/bytes.ts";
import { EncodingError } from "../../src/primitives/encoding.ts";
import type { Digest } from "../../src/primitives/hash.ts";
import {
  height,
  type ValidatorIndex,
  type View,
  validatorIndex,
  view,
} from "../../src/primitives/numbers.ts";
import type { Journal } from "../../src/storage/contracts.ts";
import { ApplicationHost, type HostContext } from "./application-host.ts";
import { checkSettled } from "./checkers/settled.ts";
import { Disk } from "./disk.ts";
import type { NodeContext } from "./node-context.ts";
import type { Packet } from "./packet.ts";

const FETCHED_BLOCKS_MAX = 32;
/** The longest time until a node sees that its wall clock was set. */
const NOTICE_MAX_MS = 1_000;
/** Number of effects in an ordinary turn: a crash strikes before one of them. */
const EFFECTS_PER_TURN = 4;

export class SimulatedNode {
  readonly disk = new Disk();
  #firstView: View = view(1);
  readonly #context: NodeContext;
  #core: Core | undefined;
  #driver: ConsensusDriver<Pick<Core, "step">> | undefined;
  #host: ApplicationHost | undefined;
  #journalIndex = new JournalIndex();
  /** Actions scheduled before a crash belong to an earlier life and do not happen. */
  #life = 0;
  /** For each journal entry that the driver has not appended yet: the hash of the block in it. */
  #blockKeys: (string | undefined)[] = [];
  #deadline: number | undefined;
  #lastCommitAt = 0;
  #uncommitted: (readonly Finalized[])[] = [];

  constructor(context: NodeContext) {
    this.#context = context;
  }

  get index(): number {
    return this.#context.config.self;
  }

  /** Undefined while the node is down. */
  get core(): Core | undefined {
    return this.#core;
  }

  /** The time of the core's next tick; undefined if it waits for nothing. */
  get deadline(): number | undefined {
    return this.#deadline;
  }

  /** True if its pool holds something that its branch could still order. */
  hasPending(): boolean {
    return this.#host?.hasPending() ?? false;
  }

  start(): void {
    const { clock, config, ledger, random } = this.#context;
    clock.boot(random);
    const last = this.disk.chain.at(-1);
    const entries: JournalEntry[] = [];
    this.#journalIndex = new JournalIndex();
    for (const { sequence, bytes } of this.disk.load()) {
      const entry = decodeJournalEntry(config.hash, bytes);
      if (entry instanceof EncodingError) throw entry;
      this.#journalIndex.appended(sequence, entry);
      entries.push(entry);
    }
    const from = {
      final: last?.block ?? ledger.genesis,
      finalization: last?.finalization,
      firstView: this.#firstView,
      entries,
    };
    const fault = journalFault(config, from);
    if (fault !== undefined) throw new Error(`journal record ${fault.index}: ${fault.problem}`);
    this.#core = createCore(config, from);
    this.#driver = this.#createDriver(this.#core);
    const application = ledger.createApplication(this.index, this.disk.chain);
    this.#host = new ApplicationHost(this.#hostContext(), application);
    this.#context.acted();
    this.#driver.start(this.#effects());
  }

  crash(): void {
    this.#life += 1;
    this.#driver?.stop();
    this.#driver = undefined;
    this.#core = undefined;
    this.#host = undefined;
    this.#blockKeys = [];
    this.#lastCommitAt = 0;
    this.#uncommitted = [];
    this.disk.crash(this.#context.random);
    this.#context.observer.onCrash(this.index);
  }

  /** Replaces the disk by an empty one; the node then casts no vote below `firstView`. Only while the node is down. */
  loseDisk(firstView: View): void {
    this.disk.lose();
    this.#firstView = firstView;
  }

  /** Submits an operation as a client. */
  submit(operation: Uint8Array): void {
    this.#whenAwake(() => this.#host?.submit(operation));
  }

  connect(peer: number): void {
    this.enqueue({ kind: "connected", peer: validatorIndex(peer) });
  }

  deliver(from: number, packet: Packet): void {
    this.#whenAwake(() => this.#receive(from, packet));
  }

  enqueue(input: Input): void {
    if (this.#driver === undefined) return;
    this.#context.acted();
    void this.#driver.push(input);
  }

  /** The machine sleeps: nothing happens on it, and messages to it wait. */
  suspend(durationMs: number): void {
    this.#context.clock.sleep(durationMs);
  }

  /** An operator or a time service sets the clock. The node notices, because it looks at both clocks now and then. */
  setClock(byMs: number): void {
    this.#context.clock.set(byMs);
    this.#noticeClock();
  }

  setClockRight(): void {
    this.#context.clock.setRight();
    this.#noticeClock();
  }

  #noticeClock(): void {
    this.#later(this.#context.random.between(0, NOTICE_MAX_MS), () => {
      this.#host?.clockWasSet();
      this.enqueue({ kind: "tick" });
    });
  }

  /** At once, or when the machine wakes. */
  #whenAwake(act: () => void): void {
    if (this.#context.clock.isAsleep) this.#later(0, act);
    else act();
  }

  #receive(from: number, packet: Packet): void {
    if (this.#core === undefined) return;
    switch (packet.kind) {
      case "consensus":
        this.#receiveMessage(validatorIndex(from), packet.message);
        break;
      case "application":
        this.#host?.receive(from, packet.bytes);
        break;
      case "fetch": {
        const blocks = this.#blocksFrom(packet.hash, packet.above);
        if (blocks.length > 0) this.#context.send(from, { kind: "blocks", blocks });
        break;
      }
      case "blocks":
        this.enqueue({ kind: "fetched", blocks: packet.blocks });
        break;
    }
  }

  #receiveMessage(from: ValidatorIndex, message: Message): void {
    const filtered = this.#core?.filter(message);
    if (filtered?.kind === "stale") this.enqueue({ kind: "stale", from, message });
    if (filtered?.kind === "news")
      this.enqueue({ kind: "message", from, message: filtered.message });
  }

  /** The block and its ancestors above a height, newest first, from the tree and the store. */
  #blocksFrom(hash: Digest, above: number): Block[] {
    const found: Block[] = [];
    let wanted = hash;
    while (found.length < FETCHED_BLOCKS_MAX) {
      const held = this.#core?.block(wanted) ?? this.disk.block(wanted);
      if (held === undefined || held.header.height <= above) break;
      found.push(held);
      wanted = held.header.parentHash;
    }
    return found;
  }

  #now(): Now {
    const { monotonic, wall } = this.#context.clock;
    return { monotonic, wall };
  }

  /** Schedules an action, by the node's own monotonic clock; a crash cancels it. */
  #later(delayMs: number, run: () => void): void {
    const { clock, events } = this.#context;
    const life = this.#life;
    const due = clock.monotonic + Math.max(0, delayMs);
    const wait = (leftMs: number): void => {
      events.after(clock.worldMs(leftMs), () => {
        if (this.#life !== life) return;
        const { monotonic, isAsleep } = clock;
        if (isAsleep || monotonic < due) wait(due - monotonic);
        else run();
      });
    };
    wait(delayMs);
  }

  #createDriver(core: Core): ConsensusDriver<Pick<Core, "step">> {
    const life = this.#life;
    return new ConsensusDriver({
      core: { step: (input, now) => this.#step(core, input, now) },
      journal: this.#journal(life),
      journalIndex: this.#journalIndex,
      system: {
        monotonic: () => this.#now().monotonic,
        wall: () => this.#now().wall,
        after: (delayMs, action) => this.#after(delayMs, action),
      },
      fail: this.#context.fail,
    });
  }

  /** Performs the outputs of the core, unless the node crashes before. */
  #effects(): Effects {
    const life = this.#life;
    const { observer } = this.#context;
    const effect =
      <T>(act: (item: T) => void) =>
      (item: T): void => {
        if (!this.#crashes(life)) act(item);
      };
    return {
      send: effect((outgoing: Outgoing) => this.#send(outgoing)),
      perform: effect((request: Request) => this.#request(request)),
      finalize: effect((finalized: readonly Finalized[]) => this.#finalize(finalized)),
      accuse: (found: readonly Evidence[]) => {
        for (const evidence of found) observer.onEvidence(this.index, evidence);
      },
    };
  }

  /** True if the life that an effect belongs to is over, or ends now. */
  #crashes(life: number): boolean {
    if (life !== this.#life) return true;
    const { conditions, random } = this.#context;
    if (!random.chance(conditions.crashProbability / EFFECTS_PER_TURN)) return false;
    this.crash();
    return true;
  }

  #step(core: Core, input: Input, now: Now): Output {
    this.#context.observer.onInput(this.index, input);
    const output = core.step(input, now);
    checkSettled(core, input, now);
    for (const entry of output.journal) {
      this.#blockKeys.push(entry.kind === "block" ? toHex(entry.block.hash) : undefined);
    }
    this.#deadline = output.deadline;
    return output;
  }

  #after(delayMs: number, action: () => void): () => void {
    let isCancelled = false;
    this.#later(delayMs, () => {
      if (isCancelled) return;
      this.#context.acted();
      action();
    });
    return () => {
      isCancelled = true;
    };
  }

  #journal(life: number): Pick<Journal, "append" | "next"> {
    const { disk } = this;
    return {
      get next() {
        return disk.nextSequence;
      },
      append: (records) => this.#append(life, records),
    };
  }

  /** Settles once the records are synced, and never if the node crashes before. */
  #append(life: number, records: readonly Bytes[]): Promise<number> {
    const { acted, conditions, random } = this.#context;
    const { promise, resolve } = Promise.withResolvers<number>();
    if (this.#crashes(life)) return promise;
    const sequences = records.map((bytes) => this.disk.append(bytes, this.#blockKeys.shift()));
    const first = sequences[0] ?? 0;
    if (conditions.sendBeforeSync) resolve(first);
    this.#later(random.between(0, conditions.syncMaxMs), () => {
      if (this.#crashes(life)) return;
      this.disk.sync();
      acted();
      resolve(first);
    });
    return promise;
  }

  #send(outgoing: Outgoing): void {
    this.#context.observer.onSend(this.index, outgoing);
    this.#context.sendConsensus(outgoing);
  }

  #request(request: Request): void {
    const { random } = this.#context;
    switch (request.kind) {
      case "build":
        this.#host?.build(request);
        break;
      case "verify":
        this.#host?.verify(request);
        break;
      case "fetchBlocks": {
        const { hash, above, peers } = request;
        if (peers.length === 0) break;
        this.#context.send(random.pick(peers), { kind: "fetch", hash, above });
        break;
      }
      case "repeatOperations":
        this.#host?.repeatOperations(request.leader);
        break;
      case "assessWork":
        this.#host?.assessOn(request);
        break;
      case "reportTimeout":
      case "reportFailing":
      case "reportWrongRelay":
        break;
    }
  }

  #finalize(finalized: readonly Finalized[]): void {
    for (const item of finalized) {
      this.#context.observer.onFinalized(this.index, item);
      this.#host?.finalize(item);
    }
    const { random, conditions } = this.#context;
    const { monotonic } = this.#now();
    const at = Math.max(this.#lastCommitAt, monotonic) + random.between(0, conditions.commitMaxMs);
    this.#lastCommitAt = at;
    this.#uncommitted.push(finalized);
    this.#later(at - monotonic, () => this.#commitNext());
  }

  /** In order, like a store's queue: two that come due while the machine sleeps may wake in either order. */
  #commitNext(): void {
    const finalized = this.#uncommitted.shift() ?? [];
    const last = finalized.at(-1);
    if (last === undefined) return;
    const { header } = last.block;
    this.disk.commit(finalized, this.#journalIndex.droppableBelow(header.view));
    this.enqueue({ kind: "committed", height: height(header.height) });
  }

  #hostContext(): HostContext {
    const { config, conditions, random } = this.#context;
    return {
      self: this.index,
      nodes: config.validators.length,
      now: () => this.#now(),
      later: (delayMs, run) => this.#later(delayMs, run),
      workMs: () => random.between(0, conditions.applicationMaxMs),
      send: (to, bytes) => this.#context.send(to, { kind: "application", bytes }),
      enqueue: (input) => this.enqueue(input),
    };
  }
}
