/**
 * The side of a node that faces its clients: the node's view of itself, receipts, and the calls that clients may
 * make.
 */
import type { LedgerApi } from "../transport/ledger-api.ts";
import type { OwnerKeys } from "./access/wallet-signatures.ts";
import { Draining } from "./base/draining.ts";
import { AnswerTimes } from "./clients/answer-times.ts";
import { createClientCalls } from "./clients/client-calls.ts";
import type { EventFeed } from "./clients/event-feed.ts";
import { Followers } from "./clients/followers.ts";
import { NodeView } from "./clients/node-view.ts";
import { CommittedOwnerKeys } from "./clients/owner-keys.ts";
import { Receipts } from "./clients/receipts.ts";
import { Throughput } from "./clients/throughput.ts";
import { ToleranceWatch } from "./clients/tolerance-watch.ts";
import type { Waiters } from "./clients/waiters.ts";
import { RecentStates } from "./execution/recent-states.ts";
import type { LoadedNode } from "./load-node.ts";
import type { NodeParts } from "./node-parts.ts";
import type { PeerSide } from "./peer-side.ts";
import type { PeerContacts } from "./peers/peer-contacts.ts";
import type { Sealing } from "./sealing/sealing.ts";
import type { VotingSide } from "./voting-side.ts";

export interface ClientSide {
  readonly view: NodeView;
  readonly draining: Draining;
  readonly receipts: Receipts;
  /** For proofs; told of each commit. */
  readonly states: RecentStates;
  /** Streams of events; told of each commit. */
  readonly followers: Followers;
  /** Of the network; told of each commit. */
  readonly throughput: Throughput;
  readonly toleranceWatch: ToleranceWatch;
  readonly ledger: LedgerApi;
  /** The events of the ledger, for the node's own sinks. */
  readonly feed: EventFeed;
  readonly ownerKeys: OwnerKeys;
}

/** The other sides, which are there before. */
interface Joined {
  readonly contacts: PeerContacts;
  readonly voting: VotingSide;
  readonly sealing: Sealing;
  readonly peers: PeerSide;
  readonly waiters: Waiters;
}

export function createClientSide(parts: NodeParts, loaded: LoadedNode, joined: Joined): ClientSide {
  const { custodyKey, audit, store, system, log } = parts;
  const { context, self } = loaded;
  const { contacts, voting, sealing, peers, waiters } = joined;
  const { finalizer, driver, intake } = voting;
  const states = new RecentStates();
  const draining = new Draining(system);
  const answers = new AnswerTimes(system);
  const view = createView(parts, loaded, joined, { draining, answers });
  const receipts = new Receipts({ context, store, finalizer, bodies: contacts.bodies });
  const followers = new Followers(system);
  const throughput = new Throughput(system);
  const { ledger, feed } = createClientCalls({
    context,
    self: self.index,
    custodyKey,
    unownedWallets: parts.unownedWallets,
    audit,
    store,
    intake,
    waiters,
    followers,
    receipts,
    states,
    view,
    answers,
    throughput,
    sealing,
    clock: peers.clock,
    draining,
    finalizer,
    consensus: driver,
    system,
    traces: parts.traces,
  });
  const toleranceWatch = new ToleranceWatch({ view, finalizer, system, log });
  const ownerKeys = new CommittedOwnerKeys({ context, finalizer });
  const told = { states, followers, throughput, toleranceWatch };
  return { view, draining, receipts, ...told, ledger, feed, ownerKeys };
}

function createView(
  { store, version, certificate, system }: NodeParts,
  { context, self, registry, approvals, firstView }: LoadedNode,
  { contacts, voting, sealing, peers, waiters }: Joined,
  { draining, answers }: { readonly draining: Draining; readonly answers: AnswerTimes },
): NodeView {
  const { finalizer, driver, pool, memory } = voting;
  return new NodeView({
    context,
    self,
    version,
    startedAt: system.wall(),
    certificate,
    firstView,
    finalizer,
    consensus: driver,
    registry,
    approvals,
    contacts,
    links: peers.links,
    answers,
    sealing,
    waiters,
    pool,
    memory,
    check: peers.check,
    draining,
    store,
    clock: peers.clock,
    system,
  });
}
