/** The safety phase: crashes with restarts, partitions and client operations at random times. */
import type { Bytes } from "../../src/primitives/bytes.ts";
import type { SimulatedNode } from "./node.ts";
import { CLOCK_STEP_MAX_MS as STEP_MS, WRONG_BY_MS } from "./plan.ts";
import type { World } from "./world.ts";

export class Trouble {
  readonly #world: World;
  readonly #operations: Bytes[] = [];
  #over = false;
  /** Nodes whose clock is wrong. */
  readonly #wrong = new Set<SimulatedNode>();
  #endsAt = 0;

  constructor(world: World) {
    this.#world = world;
    world.onCrash = (index) => this.#restartLater(index);
  }

  /** All operations that clients submitted. */
  get operations(): readonly Bytes[] {
    return this.#operations;
  }

  begin(): void {
    const { events, nodes, plan } = this.#world;
    this.#endsAt = events.now + plan.safetyMs;
    for (const node of nodes) this.#world.start(node);
    this.#repeat(plan.operationEveryMs, () => this.submit());
    this.#repeat(plan.partitionEveryMs, () => this.#partition());
    this.#repeat(plan.clockEveryMs, () => this.#disturbClock());
    if (plan.crashProbability > 0) this.#repeat(10_000, () => this.#crashAll());
  }

  /** Repairs everything for good. */
  end(): void {
    this.#over = true;
    const { nodes, network, conditions } = this.#world;
    conditions.crashProbability = 0;
    for (const node of nodes) node.setClockRight();
    network.partition(nodes.map(() => 0));
    const down = nodes.filter((node) => node.core === undefined);
    const waiting = down.filter((node) => !this.#world.restart(node));
    for (const node of waiting) this.#world.restart(node);
    this.#connectAll();
  }

  /** A client submits a new operation to one honest node, or to two. */
  submit(): void {
    const { events, honest, ledger, random } = this.#world;
    const operation = ledger.makeOperation(random, events.now);
    this.#operations.push(operation);
    for (const node of random.sample(honest, random.between(1, 2))) node.submit(operation);
  }

  #repeat(everyMs: number, act: () => void): void {
    const { events, random } = this.#world;
    events.after(random.between(1, everyMs * 2), () => {
      if (this.#over) return;
      act();
      this.#repeat(everyMs, act);
    });
  }

  #partition(): void {
    const { events, network, nodes, plan, random } = this.#world;
    network.partition(nodes.map(() => random.below(2)));
    events.after(random.between(1, plan.partitionMaxMs), () => {
      if (this.#over) return;
      network.partition(nodes.map(() => 0));
      this.#connectAll();
    });
  }

  #disturbClock(): void {
    const { events, honest, plan, random } = this.#world;
    const node = random.pick(honest);
    const kinds = [
      () => {
        if (!this.#wrong.has(node)) node.setClockRight();
        if (!this.#wrong.has(node)) node.setClock(random.between(-STEP_MS, STEP_MS));
      },
      () => node.suspend(Math.min(random.between(1, plan.sleepMaxMs), this.#endsAt - events.now)),
      () => this.#setWrong(node),
    ];
    random.pick(kinds)();
  }

  /** A node with a wrong clock is one of the f, like a faulty one. */
  #setWrong(node: SimulatedNode): void {
    const { events, plan, random } = this.#world;
    if (this.#wrong.size >= plan.wrongClocksMax || this.#wrong.has(node)) return;
    this.#wrong.add(node);
    node.setClock(random.pick(WRONG_BY_MS));
    events.after(random.between(1, plan.wrongMaxMs), () => {
      this.#wrong.delete(node);
      node.setClockRight();
    });
  }

  /** All nodes at once. */
  #crashAll(): void {
    for (const node of this.#world.nodes) if (node.core !== undefined) node.crash();
  }

  #restartLater(index: number): void {
    const { events, plan, random, nodes } = this.#world;
    events.after(random.between(1, plan.downMaxMs), () => {
      const node = nodes[index];
      if (node === undefined || node.core !== undefined) return;
      if (!this.#world.restart(node) && !this.#over) this.#restartLater(index);
    });
  }

  #connectAll(): void {
    const { nodes, plan } = this.#world;
    if (!plan.healing.reconnects) return;
    const up = (node: SimulatedNode) => node.core !== undefined;
    for (const [position, left] of nodes.entries()) {
      for (const right of nodes.slice(position + 1)) {
        if (up(left) && up(right)) this.#world.connect(left, right);
      }
    }
  }
}
