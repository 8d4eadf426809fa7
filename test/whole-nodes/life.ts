/** One node from a start of its process to its end, as the world sees it. */
import type { Node } from "../../src/node/node.ts";
import type { Store } from "../../src/storage/contracts.ts";
import type { LedgerApi } from "../../src/transport/ledger-api.ts";
import type { PeerApi } from "../../src/transport/peer-api.ts";
import type { PoweredDisk } from "./disk.ts";

export interface Life {
  readonly index: number;
  readonly poweredDisk: PoweredDisk;
  /** Aborted when the process is gone: nothing of it happens after that. */
  readonly end: AbortController;
  /** Ends the process with a fault. */
  readonly fail: (error: unknown) => void;
  isStopping: boolean;
  store?: Store;
  node?: Node;
  /** True while its ports are open. */
  peers?: PeerApi | undefined;
  ledger?: LedgerApi | undefined;
}
