/** This node's wall clock: watched beside the monotonic one, and compared with the clocks of its peers. */
import type { GenesisTimings } from "../../ledger/genesis.ts";
import type { ValidatorIndex } from "../../primitives/numbers.ts";
import { faultsTolerated } from "../../primitives/validators.ts";
import { ClockWatch } from "../base/clock-watch.ts";
import type { Log } from "../base/log.ts";
import type { System } from "../base/system.ts";
import { PeerClocks, type PeerClocksParts } from "./peer-clocks.ts";

export interface OwnClockParts {
  readonly timings: Pick<GenesisTimings, "clockSkewMs">;
  readonly contacts: PeerClocksParts["contacts"];
  readonly consensus: ClockObserver;
  readonly system: System;
  readonly log: Log;
}

export interface ClockObserver {
  /** The wall clock was set: work that waits for a time of day may be due. */
  clockWasSet(): void;
}

export class OwnClock {
  readonly #parts: OwnClockParts;
  readonly #watch: ClockWatch;
  readonly #peers: PeerClocks;

  constructor(parts: OwnClockParts) {
    this.#parts = parts;
    const { timings, contacts, system, log } = parts;
    this.#watch = new ClockWatch({ system, log, onStep: () => this.#onStep() });
    this.#peers = new PeerClocks({
      contacts,
      faults: faultsTolerated(contacts.others.length + 1),
      clockSkewMs: timings.clockSkewMs,
      system,
      log,
    });
  }

  /** `blockTime`: the time of the last block here. */
  start(blockTime: number): void {
    this.#watch.start(blockTime, this.#parts.timings.clockSkewMs);
    this.#peers.start();
  }

  stop(): void {
    this.#watch.stop();
    this.#peers.stop();
  }

  /** The link to a peer came up. */
  connected(peer: ValidatorIndex): void {
    void this.#peers.ask(peer);
  }

  /** Lead over the peers' clocks, if it exceeds the tolerance of blocks; negative if it is behind. */
  get errorMs(): number | undefined {
    return this.#peers.errorMs;
  }

  /** Lead over the peers' clocks by their answers; undefined while too few have answered. */
  get offsetMs(): number | undefined {
    return this.#peers.offsetMs;
  }

  /** Lead of a peer's clock over this one; undefined if it has not told lately. */
  aheadMsOf(peer: ValidatorIndex): number | undefined {
    return this.#peers.aheadMsOf(peer);
  }

  #onStep(): void {
    this.#parts.consensus.clockWasSet();
    // Earlier answers of peers tell if the clock is right now; new answers may tell more.
    this.#peers.askAll();
  }
}
