/**
 * Runs the parts of a node that begin once it may speak (R29): votes, links, sync, seals and watches, started
 * together and stopped in order.
 */
import type { Height } from "../primitives/numbers.ts";
import type { ToleranceWatch } from "./clients/tolerance-watch.ts";
import type { Finalizer } from "./execution/finalizer.ts";
import type { OperationInbox } from "./intake/operation-inbox.ts";
import type { ConsensusDriver } from "./ordering/consensus-driver.ts";
import type { CoreEffects } from "./ordering/core-effects.ts";
import type { WorkReports } from "./ordering/work-reports.ts";
import type { ActivationRunner } from "./peers/activation-runner.ts";
import type { OwnClock } from "./peers/own-clock.ts";
import type { ContactsObserver, PeerContacts } from "./peers/peer-contacts.ts";
import type { VoteWitness } from "./peers/vote-witness.ts";
import type { Sealing } from "./sealing/sealing.ts";
import type { CatchUp } from "./sync/catch-up.ts";
import type { HistoryFill } from "./sync/history-fill.ts";
import type { Pruning } from "./sync/pruning.ts";
import type { SnapshotDesk } from "./sync/snapshot-desk.ts";

export interface ParticipationParts {
  readonly driver: ConsensusDriver;
  readonly effects: CoreEffects;
  readonly work: WorkReports;
  readonly catchUp: CatchUp;
  readonly contacts: PeerContacts;
  readonly check: Pick<ContactsObserver, "outdated">;
  readonly clock: OwnClock;
  readonly finalizer: Finalizer;
  readonly sealing: Sealing;
  readonly historyFill: HistoryFill;
  readonly pruning: Pruning;
  readonly snapshots: SnapshotDesk;
  readonly activation: ActivationRunner;
  readonly inbox: OperationInbox;
  readonly witness: VoteWitness;
  readonly toleranceWatch: ToleranceWatch;
  readonly fail: (error: unknown) => void;
}

export class Participation {
  readonly #parts: ParticipationParts;

  constructor(parts: ParticipationParts) {
    this.#parts = parts;
  }

  /** `finalHeight`: the highest height that the answers to the check at start proved to be final (R29). */
  start(finalHeight: Height): void {
    const { driver, effects, contacts, check, clock, finalizer } = this.#parts;
    const { sealing, historyFill, pruning, activation, toleranceWatch, fail } = this.#parts;
    driver.start(effects);
    contacts.open([driver, clock, sealing.driver, check, { approved: () => activation.observe() }]);
    activation.observe();
    clock.start(finalizer.committed.header.time);
    sealing.start(finalHeight);
    historyFill.run().catch(fail);
    pruning.run().catch(fail);
    toleranceWatch.start();
  }

  /** Stops sending; everything committed is durable. */
  async stop(): Promise<void> {
    const { driver, work, catchUp, contacts, clock, finalizer, sealing } = this.#parts;
    const { historyFill, pruning, snapshots, activation, inbox, witness } = this.#parts;
    const { toleranceWatch, fail } = this.#parts;
    activation.stop();
    toleranceWatch.stop();
    clock.stop();
    catchUp.stop();
    historyFill.stop();
    const pruned = pruning.stop();
    snapshots.stop();
    work.stop();
    driver.stop();
    await contacts.links.close();
    await inbox.close();
    await witness.save().catch(fail);
    await finalizer.idle();
    await sealing.stop();
    await pruned;
  }
}
