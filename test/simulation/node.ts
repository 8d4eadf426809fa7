/**
 * One simulated node: the driver of its core. It performs every Output in the order of its fields, one sync a turn,
 * and may crash between any two effects.
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
  encodeJournalEntry,
  type JournalEntry,
  JournalIndex,
} from "../../src/consensus/journal.ts";
import type { Message } from "../../src/consensus/message.ts";
import type { Block } from "../../src/primitives/block.ts";
import { toHex } from "../../src/primitives/bytes.ts";
import { EncodingError } from "../../src/primitives/encoding.ts";
import type { Digest } from "../../src/primitives/hash.ts";
import {
  height,
  type ValidatorIndex,
  type View,
  validatorIndex,
  view,
} from "../../src/primitives/numbers.ts";
import { ApplicationHost, type HostContext } from "./application-host.ts";
import { Disk } from "./disk.ts";
import type { NodeContext } from "./node-context.ts";
import type { Packet } from "./packet.ts";

const FETCHED_BLOCKS_MAX = 32;
const TURN_DELAY_MAX_MS = 1;
/** How long a node takes to see that its wall clock was set. */
const NOTICE_MAX_MS = 1_000;

export class SimulatedNode {
  readonly disk = new Disk();
  #firstView: View = view(1);
  readonly #context: NodeContext;
  #core: Core | undefined;
  #host: ApplicationHost | undefined;
  #journalIndex = new JournalIndex();
  /** Everything planned before a crash belongs to an earlier life and does not happen. */
  #life = 0;
  #inputs: Input[] = [];
  #turnPlanned = false;
  #deadlinePlanned = Number.POSITIVE_INFINITY;
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

  /** When its core wants a tick; undefined while it waits for nothing. */
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
    this.#core = createCore(config, {
      final: last?.block ?? ledger.genesis,
      finalization: last?.finalization,
      firstView: this.#firstView,
      entries,
    });
    const application = ledger.createApplication(this.index, this.disk.chain);
    this.#host = new ApplicationHost(this.#hostContext(), application);
    this.enqueue({ kind: "started" });
  }

  crash(): void {
    this.#life += 1;
    this.#core = undefined;
    this.#host = undefined;
    this.#inputs = [];
    this.#turnPlanned = false;
    this.#deadlinePlanned = Number.POSITIVE_INFINITY;
    this.#lastCommitAt = 0;
    this.#uncommitted = [];
    this.disk.crash(this.#context.random);
    this.#context.observer.onCrash(this.index);
  }

  /** Its disk is another, empty one now; nothing is said below `firstView`. For a node that is down. */
  loseDisk(firstView: View): void {
    this.disk.lose();
    this.#firstView = firstView;
  }

  /** A client's operation. */
  submit(operation: Uint8Array): void {
    this.#whenAwake(() => this.#host?.submit(operation));
  }

  connect(peer: number): void {
    this.enqueue({ kind: "connected", peer: validatorIndex(peer) });
  }

  deliver(from: number, packet: Packet): void {
    this.#whenAwake(() => this.#receive(from, packet));
  }

  /** At once, or when the machine wakes. */
  #whenAwake(act: () => void): void {
    if (this.#context.clock.isAsleep) this.#later(0, act);
    else act();
  }

  #receiveMessage(from: ValidatorIndex, message: Message): void {
    const filtered = this.#core?.filter(message);
    if (filtered?.kind === "stale") this.enqueue({ kind: "stale", from, message });
    if (filtered?.kind === "news")
      this.enqueue({ kind: "message", from, message: filtered.message });
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

  enqueue(input: Input): void {
    if (this.#core === undefined) return;
    this.#inputs.push(input);
    if (this.#turnPlanned) return;
    this.#turnPlanned = true;
    this.#later(this.#context.random.between(0, TURN_DELAY_MAX_MS), () => this.#turn());
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

  /** The machine sleeps: nothing happens on it, and what was sent to it waits. */
  suspend(durationMs: number): void {
    this.#context.clock.sleep(durationMs);
  }

  /** Somebody, or a time service, sets its clock. The node notices, as it looks at both of them once in a while. */
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

  #now(): Now {
    const { monotonic, wall } = this.#context.clock;
    return { monotonic, wall };
  }

  /** Plans something that a crash prevents, by the node's own monotonic clock. */
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

  /** Steps every queued input, journals once, then does the rest. */
  #turn(): void {
    const core = this.#core;
    if (core === undefined) return;
    const inputs = this.#inputs;
    this.#inputs = [];
    const outputs = inputs.map((input) => {
      this.#context.observer.onInput(this.index, input);
      return core.step(input, this.#now());
    });
    this.#deadline = outputs.at(-1)?.deadline;
    if (this.#deadline !== undefined) this.#planTick(this.#deadline);
    this.#performOutputs(outputs);
  }

  #performOutputs(outputs: readonly Output[]): void {
    const { conditions, random } = this.#context;
    const journal = outputs.flatMap((output) => output.journal);
    const sync = outputs.some((output) => output.sync);
    const messages = outputs.flatMap((output) => output.messages);
    const record = journal.map((entry) => () => this.#append(entry));
    const send = messages.map((outgoing) => () => this.#send(outgoing));
    const before = conditions.sendBeforeSync ? send : record;
    const after = conditions.sendBeforeSync ? record : send;
    const rest = outputs.flatMap((output) => [
      ...output.requests.map((request) => () => this.#request(request)),
      () => this.#finalize(output.finalized),
    ]);
    for (const evidence of outputs.flatMap((output) => output.evidence)) {
      this.#context.observer.onEvidence(this.index, evidence);
    }
    const crashAt = random.chance(conditions.crashProbability)
      ? random.below(before.length + after.length + rest.length + 2)
      : undefined;
    if (!this.#run(before, crashAt)) return;
    const remaining = crashAt === undefined ? undefined : crashAt - before.length;
    const finish = () => {
      if (remaining === 0) {
        this.crash();
        return;
      }
      if (sync && !conditions.sendBeforeSync) this.disk.sync();
      if (!this.#run([...after, ...rest], remaining === undefined ? undefined : remaining - 1))
        return;
      if (sync && conditions.sendBeforeSync) this.disk.sync();
      this.#endTurn();
    };
    if (sync) this.#later(random.between(0, conditions.syncMaxMs), finish);
    else finish();
  }

  /** False if the node crashed before one of the effects. */
  #run(effects: readonly (() => void)[], crashAt: number | undefined): boolean {
    for (const [position, effect] of effects.entries()) {
      if (position === crashAt) {
        this.crash();
        return false;
      }
      effect();
    }
    return true;
  }

  #endTurn(): void {
    this.#turnPlanned = false;
    if (this.#inputs.length === 0) return;
    this.#turnPlanned = true;
    this.#later(0, () => this.#turn());
  }

  #append(entry: JournalEntry): void {
    const blockKey = entry.kind === "block" ? toHex(entry.block.hash) : undefined;
    const sequence = this.disk.append(encodeJournalEntry(entry), blockKey);
    this.#journalIndex.appended(sequence, entry);
  }

  #send(outgoing: Outgoing): void {
    this.#context.observer.onSend(this.index, outgoing);
    this.#context.sendConsensus(outgoing);
  }

  #planTick(deadline: number): void {
    if (deadline >= this.#deadlinePlanned) return;
    this.#deadlinePlanned = deadline;
    this.#later(deadline - this.#now().monotonic, () => {
      if (this.#deadlinePlanned === deadline) this.#deadlinePlanned = Number.POSITIVE_INFINITY;
      this.enqueue({ kind: "tick" });
    });
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
      case "sendOldestOperations":
        this.#host?.sendOldest();
        break;
      case "assessWork":
        this.#host?.assessOn(request);
        break;
    }
  }

  #finalize(finalized: readonly Finalized[]): void {
    if (finalized.length === 0) return;
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

  /** In their order, as a store's queue has them: two that come due while the machine sleeps wake in any. */
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
