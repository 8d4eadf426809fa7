/**
 * Handles the seals that this node learns: its engine checks those of peers, and valid ones are stored and passed on. Most are
 * stored with what the node writes next (S11).
 */
import type { Height, ValidatorIndex } from "../../primitives/numbers.ts";
import type { Signature } from "../../primitives/signature.ts";
import type { SealTarget } from "../../seal/target.ts";
import type { Store } from "../../storage/contracts.ts";
import type { PeerLinks } from "../../transport/peer-links.ts";
import type { System } from "../base/system.ts";
import type { TraceObserver } from "../base/trace-observer.ts";
import type { EngineEvent, EngineSlot } from "./engine-slot.ts";
import { isMilestone, type SealSchedule, TEST_SEAL_HEIGHT } from "./seal-schedule.ts";

export interface SealListener {
  /** A seal can be read. */
  sealed(height: Height): void;
}

export interface SealKeeperParts {
  readonly engine: EngineSlot;
  readonly schedule: Pick<SealSchedule, "heard">;
  readonly store: Pick<Store, "seals">;
  readonly waiters: SealListener;
  readonly links: Pick<PeerLinks, "send">;
  readonly system: Pick<System, "monotonic" | "after">;
  readonly traces?: TraceObserver | undefined;
}

/** The longest time that a seal waits for another write. */
const UNWRITTEN_MS_MAX = 100;

export class SealKeeper {
  readonly #parts: SealKeeperParts;
  #cancelFlush: (() => void) | undefined;
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

  /**
   * A seal is valid. One that was made here is sent to all peers, because no other node has it. Settles when it is synced; shows it
   * before, unless it could not be made again (S11).
   */
  async keep(sealed: Extract<EngineEvent, { kind: "sealed" }>): Promise<void> {
    const { target, seal, origin } = sealed;
    if (origin !== "stored") this.figures[origin] += 1;
    if (origin === "made") this.notify("all", target, seal);
    const stored = origin === "stored" ? Promise.resolve() : this.#store(target, seal);
    if (!isReplaceable(target)) await stored;
    this.#show(target);
    await stored;
  }

  #show(target: SealTarget): void {
    const { waiters, traces } = this.#parts;
    if (target.kind !== "header") return;
    // Before its waiters answer.
    traces?.sealed(target.height);
    waiters.sealed(target.height);
  }

  /** Ends the timer; the seals that still wait are written when the store is closed. */
  stop(): void {
    this.#cancelFlush?.();
  }

  #store(target: SealTarget, seal: Signature): Promise<void> {
    const { store, system } = this.#parts;
    const at = target.kind === "test" ? TEST_SEAL_HEIGHT : target.height;
    if (!isReplaceable(target)) return store.seals.save(at, seal);
    this.#cancelFlush ??= system.after(UNWRITTEN_MS_MAX, () => {
      this.#cancelFlush = undefined;
      // If it fails, so do the writes that it was to end.
      store.seals.flush().catch(() => undefined);
    });
    return store.seals.saveWithNext(at, seal);
  }

  notify(to: ValidatorIndex | "all", target: SealTarget, seal: Signature): void {
    this.#parts.links.send(to, { seals: [{ kind: "notice", target, seal }] });
  }
}

/** S11: a later seal covers what this one covers. */
function isReplaceable(target: SealTarget): boolean {
  return target.kind === "header" && !isMilestone(target.height);
}
