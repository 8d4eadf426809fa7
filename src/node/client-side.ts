/**
 * The side of a node that faces its clients: the node's view of itself, receipts, and the calls that clients may
 * make.
 */
import type { LedgerApi } from "../transport/ledger-api.ts";
import { createLedgerApi } from "./clients/client-calls.ts";
import { NodeView } from "./clients/node-view.ts";
import { Receipts } from "./clients/receipts.ts";
import { ToleranceWatch } from "./clients/tolerance-watch.ts";
import type { Waiters } from "./clients/waiters.ts";
import type { Loaded, NodeParts } from "./load.ts";
import type { PeerSide } from "./peer-side.ts";
import type { PeerContacts } from "./peers/peer-contacts.ts";
import type { Sealing } from "./sealing/sealing.ts";
import type { VotingSide } from "./voting-side.ts";

export interface ClientSide {
  readonly receipts: Receipts;
  readonly toleranceWatch: ToleranceWatch;
  readonly ledger: LedgerApi;
}

export function createClientSide(
  parts: NodeParts,
  loaded: Loaded,
  joined: {
    readonly contacts: PeerContacts;
    readonly voting: VotingSide;
    readonly sealing: Sealing;
    readonly peers: PeerSide;
    readonly waiters: Waiters;
  },
): ClientSide {
  const { custodyKey, store, version, system, log } = parts;
  const { certificateEndsAt = Number.POSITIVE_INFINITY } = parts;
  const { context, self, registry, firstView } = loaded;
  const { contacts, voting, sealing, peers, waiters } = joined;
  const { finalizer, driver, pool, memory, intake } = voting;
  const { clock } = peers;
  const view = new NodeView({
    context,
    self,
    version,
    startedAt: system.wall(),
    certificateEndsAt,
    firstView,
    finalizer,
    consensus: driver,
    registry,
    contacts,
    links: peers.links,
    sealing,
    waiters,
    pool,
    memory,
    check: peers.check,
    store,
    clock,
    system,
  });
  const receipts = new Receipts({ context, store, finalizer });
  const ledger = createLedgerApi({
    context,
    self: self.index,
    custodyKey,
    store,
    intake,
    waiters,
    receipts,
    view,
    sealing,
    clock,
    finalizer,
    consensus: driver,
    system,
  });
  return { receipts, toleranceWatch: new ToleranceWatch({ view, finalizer, system, log }), ledger };
}
