/** Handles the seals that this node learns: its engine checks those of peers, and valid ones are stored and passed on. */
import type { Height, ValidatorIndex } from "../../primitives/numbers.ts";
import type { Signature } from "../../primitives/signature.ts";
import type { SealTarget } from "../../seal/target.ts";
import type { Store } from "../../storage/contracts.ts";
import type { PeerLinks } from "../../transport/peer-links.ts";
import type { System } from "../base/system.ts";
import type { TraceObserver } from "../base/trace-observer.ts";
import type { EngineEvent, EngineSlot } from "./engine-slot.ts";
import { type SealSchedule, TEST_SEAL_HEIGHT } from "./seal-schedule.ts";

export interface SealListener {
  /** A seal was stored. */
  sealed(height: Height): void;
}

export interface SealKeeperParts {
  readonly engine: EngineSlot;
  readonly schedule: Pick<SealSchedule, "heard">;
  readonly store: Pick<Store, "seals">;
  readonly waiters: SealListener;
  readonly links: Pick<PeerLinks, "send">;
  readonly system: Pick<System, "monotonic">;
  readonly traces?: TraceObserver | undefined;
}

export class SealKeeper {
  readonly #parts: SealKeeperParts;
  /** Seals by their origin. */
  readonly figures = { made: 0, received: 0 };

  constructor(parts: SealKeeperParts) {
    this.#parts = parts;
  }

  /** A peer sent this seal; the engine verifies it. */
  received(from: ValidatorIndex, target: SealTarget, seal: Signature): void {
    const { engine, schedule, system } = this.#parts;
    schedule.heard(from, system.monotonic());
    if (target.epoch === engine.epoch) engine.post({ kind: "seal", target, seal, from });
  }

  /** A seal is valid. One that was made here is sent to all peers, because no other node has it. */
  async keep(sealed: Extract<EngineEvent, { kind: "sealed" }>): Promise<void> {
    const { store, waiters, traces } = this.#parts;
    const { target, seal, origin } = sealed;
    if (origin !== "stored") this.figures[origin] += 1;
    if (origin === "made") this.notify("all", target, seal);
    const at = target.kind === "test" ? TEST_SEAL_HEIGHT : target.height;
    if (origin !== "stored") await store.seals.save(at, seal);
    if (target.kind !== "header") return;
    // Before its waiters answer.
    traces?.sealed(target.height);
    waiters.sealed(target.height);
  }

  notify(to: ValidatorIndex | "all", target: SealTarget, seal: Signature): void {
    this.#parts.links.send(to, { seals: [{ kind: "notice", target, seal }] });
  }
}
