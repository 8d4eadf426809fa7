/** A running node and the past: what it lacks it has from its peers, and they have theirs from it. */
import type { LedgerContext } from "../../ledger/context.ts";
import type { ValidatorIndex } from "../../primitives/numbers.ts";
import type { Store } from "../../storage/contracts.ts";
import type { FetchedSnapshot, SnapshotQuery } from "../../transport/peer-api.ts";
import type { Refusal } from "../../transport/refusal.ts";
import type { System } from "../base/system.ts";
import { BlockVerifier } from "./block-verifier.ts";
import { CatchUp, type CatchUpParts, type FetchRequest } from "./catch-up.ts";
import { HistoryFill } from "./history-fill.ts";
import { HistoryReader, type HistoryReaderParts } from "./history-reader.ts";
import { SnapshotDesk, type SnapshotDeskParts } from "./snapshot-desk.ts";

export interface PastParts extends Omit<CatchUpParts, "after"> {
  readonly context: LedgerContext;
  readonly store: Pick<Store, "blocks" | "chain">;
  readonly committed: SnapshotDeskParts["committed"];
  readonly groupKey: HistoryReaderParts["groupKey"];
  readonly peers: () => readonly ValidatorIndex[];
  readonly system: System;
}

export class Past {
  readonly #parts: PastParts;
  readonly #catchUp: CatchUp;
  readonly #fill: HistoryFill;
  readonly #snapshots: SnapshotDesk;

  constructor(parts: PastParts) {
    this.#parts = parts;
    const { system } = parts;
    const after: System["after"] = (delayMs, action) => system.after(delayMs, action);
    this.#catchUp = new CatchUp({ ...parts, after });
    const reader = new BlockVerifier(parts);
    this.#fill = new HistoryFill({ ...parts, reader: new HistoryReader({ ...parts, reader }) });
    this.#snapshots = new SnapshotDesk(parts);
  }

  /** Begins to fill in what a start from a snapshot left out. */
  start(): void {
    this.#fill.run().catch(this.#parts.fail);
  }

  stop(): void {
    this.#catchUp.stop();
    this.#fill.stop();
    this.#snapshots.stop();
  }

  /** The core lacks blocks. */
  request(request: FetchRequest): void {
    this.#catchUp.request(request);
  }

  /** A peer starts from a snapshot. */
  serve(query: SnapshotQuery, caller: ValidatorIndex): Promise<FetchedSnapshot | Refusal> {
    return this.#snapshots.serve(query, caller);
  }
}
