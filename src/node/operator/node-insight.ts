/** A running node as its operator sees it: the view of clients, and details for the operator only. */
import type { LedgerContext } from "../../ledger/context.ts";
import type { Epoch } from "../../primitives/numbers.ts";
import type { PeerInfo, StatusInfo } from "../../transport/ledger-api.ts";
import type { PeerDetailInfo } from "../../transport/operator-api.ts";
import type { Draining } from "../base/draining.ts";
import type { OwnClock } from "../peers/own-clock.ts";
import type { PeerContacts } from "../peers/peer-contacts.ts";
import type { Sealing } from "../sealing/sealing.ts";
import type { EvidenceDesk } from "./evidence-desk.ts";
import type { UpgradeDesk } from "./upgrade-desk.ts";

/** The part that clients see too. */
export interface ClientView {
  getStatus(): StatusInfo;
  listPeers(): PeerInfo[];
}

export interface NodeInsightParts {
  readonly context: LedgerContext;
  readonly epoch: Epoch;
  readonly view: ClientView;
  readonly sealing: Pick<Sealing, "outlook" | "driver">;
  readonly contacts: Pick<PeerContacts, "others" | "calledMs"> & {
    readonly links: Pick<PeerContacts["links"], "droppedOf">;
  };
  readonly clock: Pick<OwnClock, "aheadMsOf">;
  readonly draining: Draining;
  readonly evidence: EvidenceDesk;
  readonly upgrade: UpgradeDesk;
}

export class NodeInsight {
  readonly #parts: NodeInsightParts;

  constructor(parts: NodeInsightParts) {
    this.#parts = parts;
  }

  get draining(): Draining {
    return this.#parts.draining;
  }

  get evidence(): EvidenceDesk {
    return this.#parts.evidence;
  }

  get upgrade(): UpgradeDesk {
    return this.#parts.upgrade;
  }

  status(): StatusInfo {
    return this.#parts.view.getStatus();
  }

  peers(): PeerDetailInfo[] {
    const { context, epoch, view, sealing, contacts, clock } = this.#parts;
    const { holders } = sealing.outlook;
    const seen = new Map(view.listPeers().map((peer) => [peer.nodeId, peer]));
    const members = context.members(epoch);
    return contacts.others.flatMap((index) => {
      const peer = seen.get(members[index]?.id ?? "");
      if (peer === undefined) return [];
      return {
        peer,
        holdsSealShare: holders.includes(index),
        blamed: sealing.driver.isBlamed(index),
        clockAheadMs: clock.aheadMsOf(index),
        droppedItems: contacts.links.droppedOf(index),
        calledMs: contacts.calledMs(index),
      };
    });
  }
}
