/** The faults of a seeded world until they end: machines, links and disks. */

import type { Member } from "./member.ts";
import { ABSENCE_PACE, type Plan, STEP_MAX_MS, WRONG_BY_MS } from "./plan.ts";
import type { World } from "./world.ts";

export class Trouble {
  readonly #world: World;
  readonly #plan: Plan;
  #isOver = false;
  /** Not switched on for long. */
  #away: Member | undefined;
  /** Its clock is wrong. */
  #wrong: Member | undefined;

  constructor(world: World) {
    this.#world = world;
    this.#plan = world.plan;
  }

  begin(): void {
    const { clock, random } = this.#world;
    const { troubleMs, loss, absenceMs } = this.#plan;
    this.#next();
    if (loss !== "none") {
      const at = random.between(0, troubleMs + absenceMs);
      clock.after(at, () => this.#unlessOver(() => this.#lose()));
    }
    if (absenceMs === 0) return;
    clock.after(random.between(1_500, 4_000), () => this.#unlessOver(() => this.#leave()));
  }

  /** Repairs everything and switches every machine on. */
  end(): void {
    this.#isOver = true;
    for (const { clock } of this.#world.members) clock.setRight();
    this.#world.network.mendAll();
    for (const member of this.#world.members) {
      member.hostile?.rest();
      void member.bringUp();
    }
  }

  #next(): void {
    const { clock, random } = this.#world;
    clock.after(random.between(1, 2 * this.#plan.faultEveryMs * this.#world.pace), () =>
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
      () => this.#setClock(),
      () => this.#setClockWrong(),
      () => this.#suspend(),
    ];
    random.pick(kinds)();
  }

  #cutPower(member: Member): void {
    if (member.isDown) return;
    member.powerCut();
    this.#restartLater(member);
  }

  #cutAllPower(): void {
    for (const member of this.#world.members) this.#cutPower(member);
  }

  #stop(member: Member): void {
    if (member.isDown) return;
    member.stop();
    this.#restartLater(member);
  }

  #restartLater(member: Member): void {
    const { clock, random } = this.#world;
    clock.after(random.between(1, this.#plan.downMaxMs), () => {
      if (member !== this.#away) void member.bringUp();
    });
  }

  /** Long enough for the other nodes to have dropped the snapshots that they offered before. */
  #leave(): void {
    const { clock, random, honest } = this.#world;
    const member = random.pick(honest);
    this.#away = member;
    this.#world.pace = ABSENCE_PACE;
    member.powerCut();
    clock.after(this.#plan.absenceMs, () => {
      this.#away = undefined;
      this.#world.pace = 1;
      void member.bringUp();
    });
  }

  /** One of the f: it happens once, to one node. */
  #lose(): void {
    const member = this.#world.random.pick(this.#world.members);
    member.powerCut();
    member.loseStore(this.#plan.loss === "told");
    this.#restartLater(member);
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

  /** Within what is tolerated. */
  #setClock(): void {
    const { random, members } = this.#world;
    const member = random.pick(members);
    if (member === this.#wrong) return;
    member.clock.setRight();
    member.clock.set(random.between(-STEP_MAX_MS, STEP_MAX_MS));
  }

  /** One at a time: a node with a wrong clock counts among the f, like a Byzantine one. */
  #setClockWrong(): void {
    const { clock, random, members, plan } = this.#world;
    if (this.#wrong !== undefined || plan.hostilities.size > 0) return;
    const member = random.pick(members);
    const byMs = random.pick(WRONG_BY_MS);
    this.#wrong = member;
    member.clock.set(byMs);
    this.#world.note(member.index, `clock set by ${byMs} ms`);
    clock.after(random.between(1, this.#plan.wrongMaxMs), () => {
      this.#wrong = undefined;
      member.clock.setRight();
      this.#world.note(member.index, "clock set right");
    });
  }

  /** A machine that sleeps answers nothing, and its peers notice that as they notice a cut. */
  #suspend(): void {
    const { clock, random, members, network } = this.#world;
    const member = random.pick(members);
    const forMs = random.between(1, this.#plan.sleepMaxMs);
    member.clock.sleep(forMs);
    this.#world.note(member.index, `sleeps for ${forMs} ms`);
    const others = members.filter((other) => other !== member);
    for (const other of others) {
      network.cut(member.index, other.index);
      network.cut(other.index, member.index);
    }
    clock.after(forMs, () => {
      for (const other of others) {
        network.mend(member.index, other.index);
        network.mend(other.index, member.index);
      }
    });
  }

  #breakLink(): void {
    const [left, right] = this.#world.random.sample(this.#world.members, 2);
    if (left === undefined || right === undefined) return;
    this.#world.network.breakBetween(left.index, right.index, "connection reset");
  }
}
