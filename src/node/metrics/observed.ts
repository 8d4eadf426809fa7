/** The objects whose numbers the metrics show: those of the node, of its calls, and of the process around it. */
import type { Core } from "../../consensus/core.ts";
import type { LedgerContext } from "../../ledger/context.ts";
import type { Pool } from "../../mempool/pool.ts";
import type { WaitingRoom } from "../../mempool/waiting-room.ts";
import type { Validator } from "../../primitives/validators.ts";
import type { AuditFiles } from "../../storage/audit-files.ts";
import type { AuditLog } from "../../storage/audit-trail.ts";
import type { Store } from "../../storage/contracts.ts";
import type { StoreSpace } from "../../storage/store-engine.ts";
import type { NodeAccess } from "../access/node-access.ts";
import type { MemoryWatch } from "../base/memory.ts";
import type { Followers } from "../clients/followers.ts";
import type { NodeView } from "../clients/node-view.ts";
import type { Waiters } from "../clients/waiters.ts";
import type { Finalizer } from "../execution/finalizer.ts";
import type { Intake } from "../intake/intake.ts";
import type { OperationInbox } from "../intake/operation-inbox.ts";
import type { LinkReceiver } from "../peers/link-receiver.ts";
import type { OwnClock } from "../peers/own-clock.ts";
import type { PeerContacts } from "../peers/peer-contacts.ts";
import type { Sealing } from "../sealing/sealing.ts";
import type { ObservedSinks } from "../sinks/sink-state.ts";
import type { CatchUp } from "../sync/catch-up.ts";
import type { CallFigures } from "./call-figures.ts";
import type { CommitFigures } from "./commit-figures.ts";
import type { ProcessReadings } from "./process-readings.ts";

export interface ObservedNode {
  readonly context: LedgerContext;
  readonly self: Validator;
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** The certificate that clients are shown, with its expiry, milliseconds since 1970; absent: it never expires. */
  readonly certificate: { readonly endsAt: number } | undefined;
  readonly consensus: { readonly core: Pick<Core, "status"> };
  readonly finalizer: Pick<Finalizer, "committed">;
  readonly commits: CommitFigures;
  readonly catchUp: Pick<CatchUp, "isSyncing">;
  readonly pool: Pick<Pool, "numbers" | "bytes">;
  readonly waitingRoom: Pick<WaitingRoom, "size">;
  readonly intake: Pick<Intake, "figures">;
  readonly inbox: Pick<OperationInbox, "waiting" | "dropped">;
  readonly sealing: Pick<Sealing, "outlook" | "driver">;
  readonly waiters: Pick<Waiters, "size" | "sealedHeight">;
  readonly followers: Pick<Followers, "size">;
  readonly contacts: Pick<PeerContacts, "links" | "silentMs" | "software">;
  readonly receiver: Pick<LinkReceiver, "progressOf" | "received" | "checksWaiting">;
  readonly clock: Pick<OwnClock, "offsetMs" | "aheadMsOf">;
  readonly memory: Pick<MemoryWatch, "used" | "isFull">;
  readonly view: Pick<NodeView, "isReady" | "shortfalls" | "getStatus">;
  readonly store: Pick<Store, "blocks" | "figures" | "evidence">;
}

export interface Observed {
  readonly node: ObservedNode;
  readonly calls: CallFigures;
  readonly audit: Pick<AuditLog, "head">;
  readonly auditFiles: Pick<AuditFiles, "removed" | "isIntact">;
  readonly access: Pick<NodeAccess, "guesses" | "keySets"> & {
    readonly tokens: Pick<NodeAccess["tokens"], "holding" | "firstExpiry">;
  };
  readonly sinks: ObservedSinks;
  /** Undefined: the node makes no traces. */
  readonly traces?: { readonly figures: TraceFigures } | undefined;
  readonly process: ProcessReadings;
  readonly disk: ObservedDisk;
}

/** Spans, by what became of them. */
export interface TraceFigures {
  readonly sent: number;
  readonly dropped: number;
  readonly failed: number;
}

export interface ObservedDisk {
  /** Of the store and its disk; undefined where there is none. */
  space(): Promise<StoreSpace | undefined>;
}
