/** What goes wrong in a seeded world, until it ends: machines, links, disks. */

import type { Member } from "./member.ts";
import { type Plan, WINDOW_MS } from "./plan.ts";
import type { World } from "./world.ts";

export class Trouble {
  readonly #world: World;
  readonly #plan: Plan;
  #isOver = false;
  /** Who stays away for long, or has lost its store: nothing else happens to it. */
  readonly #marked = new Set<Member>();

  constructor(world: World) {
    this.#world = world;
    this.#plan = world.plan;
  }

  begin(): void {
    const { clock, random } = this.#world;
    const { troubleMs, loss, absence } = this.#plan;
    this.#next();
    if (loss !== "none") {
      clock.after(random.between(0, troubleMs), () => this.#unlessOver(() => this.#lose()));
    }
    if (!absence) return;
    clock.after(random.between(1_500, 4_000), () => this.#unlessOver(() => this.#leave()));
  }

  /** Everything is whole again, and every machine switched on. */
  end(): void {
    this.#isOver = true;
    this.#world.network.mendAll();
    for (const member of this.#world.members) void member.bringUp();
  }

  #next(): void {
    const { clock, random } = this.#world;
    clock.after(random.between(1, 2 * this.#plan.faultEveryMs), () =>
      this.#unlessOver(() => {
        this.#breakSomething();
        this.#next();
      }),
    );
  }

  #unlessOver(act: () => void): void {
    if (!this.#isOver) act();
  }

  #breakSomething(): void {
    const { random } = this.#world;
    const kinds = [
      () => this.#cutPower(random.pick(this.#world.members)),
      () => this.#cutPower(random.pick(this.#world.members)),
      () => this.#cutPower(random.pick(this.#world.members)),
      () => this.#cutAllPower(),
      () => this.#stop(random.pick(this.#world.members)),
      () => this.#partition(),
      () => this.#cutOneWay(),
      () => this.#breakLink(),
    ];
    random.pick(kinds)();
  }

  #cutPower(member: Member): void {
    if (member.isDown) return;
    member.powerCut();
    if (!this.#marked.has(member)) this.#restartLater(member, this.#plan.downMaxMs);
  }

  #cutAllPower(): void {
    for (const member of this.#world.members) this.#cutPower(member);
  }

  #stop(member: Member): void {
    if (member.isDown || this.#marked.has(member)) return;
    void member.stop();
    this.#restartLater(member, this.#plan.downMaxMs);
  }

  #restartLater(member: Member, maxMs: number, minMs = 1): void {
    const { clock, random } = this.#world;
    clock.after(random.between(minMs, Math.max(minMs, maxMs)), () => {
      this.#marked.delete(member);
      void member.bringUp();
    });
  }

  /** For longer than the window, while the others go on. */
  #leave(): void {
    const member = this.#world.random.pick(this.#world.members);
    this.#marked.add(member);
    member.powerCut();
    this.#restartLater(member, 3 * WINDOW_MS, 1.5 * WINDOW_MS);
  }

  /** One of the f: it happens to one node, once. */
  #lose(): void {
    const member = this.#world.random.pick(this.#world.members);
    member.powerCut();
    member.loseStore(this.#plan.loss === "told");
    this.#restartLater(member, this.#plan.downMaxMs);
  }

  #partition(): void {
    const { random, members } = this.#world;
    const inside = new Set(random.sample(members, random.between(1, members.length - 1)));
    for (const left of inside) {
      for (const right of members) if (!inside.has(right)) this.#cutBetween(left, right);
    }
  }

  #cutBetween(left: Member, right: Member): void {
    this.#cut(left, right);
    this.#cut(right, left);
  }

  #cutOneWay(): void {
    const [from, to] = this.#world.random.sample(this.#world.members, 2);
    if (from !== undefined && to !== undefined) this.#cut(from, to);
  }

  #cut(from: Member, to: Member): void {
    const { clock, random, network } = this.#world;
    network.cut(from.index, to.index);
    clock.after(random.between(1, this.#plan.partitionMaxMs), () =>
      network.mend(from.index, to.index),
    );
  }

  #breakLink(): void {
    const [left, right] = this.#world.random.sample(this.#world.members, 2);
    if (left === undefined || right === undefined) return;
    this.#world.network.breakBetween(left.index, right.index, "connection reset");
  }
}
