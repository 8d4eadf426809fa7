/** Metrics of links, and of clocks, by peer: the peers are those of the genesis. */
import type { ValidatorIndex } from "../../primitives/numbers.ts";
import { counter, type Family, flag, gauge, seconds } from "./family.ts";
import type { Observed, ObservedNode } from "./observed.ts";

const PEER = ["peer"] as const;

/** A sample for each peer of which there is something to say. */
function byPeer(read: (node: ObservedNode, peer: ValidatorIndex) => number | undefined) {
  return ({ node }: Observed) => {
    const { context, finalizer, self } = node;
    return context.members(finalizer.committed.state.epoch).flatMap(({ index, id }) => {
      const value = index === self.index ? undefined : read(node, index);
      return value === undefined ? [] : [{ labels: { peer: id }, value }];
    });
  };
}

export const LINK_FAMILIES: readonly Family[] = [
  gauge(
    "link_up",
    "1 if the link to the peer is open",
    byPeer(({ contacts }, peer) => flag(contacts.links.isConnected(peer))),
    PEER,
  ),
  gauge(
    "link_protocol",
    "Version of the peer protocol that this node and the peer use; 0 if they have none in common, none " +
      "before the peer has registered",
    byPeer(({ contacts }, peer) => {
      const software = contacts.software.of(peer);
      return software && (software.agreed ?? 0);
    }),
    PEER,
  ),
  gauge(
    "peer_ruleset_known",
    "The newest ruleset that the peer can execute, as it says; none before it has registered",
    byPeer(({ contacts }, peer) => contacts.software.of(peer)?.rulesetMax),
    PEER,
  ),
  counter(
    "link_opened_total",
    "Times that the link to the peer was opened",
    byPeer(({ contacts }, peer) => contacts.links.figures(peer)?.opened),
    PEER,
  ),
  gauge(
    "link_queue_items",
    "Messages waiting to be sent to the peer",
    byPeer(({ contacts }, peer) => contacts.links.figures(peer)?.queuedItems),
    PEER,
  ),
  gauge(
    "link_queue_bytes",
    "Bytes waiting to be sent to the peer",
    byPeer(({ contacts }, peer) => contacts.links.figures(peer)?.queuedBytes),
    PEER,
  ),
  counter(
    "link_sent_items_total",
    "Messages handed to the link to the peer",
    byPeer(({ contacts }, peer) => contacts.links.figures(peer)?.sentItems),
    PEER,
  ),
  counter(
    "link_sent_bytes_total",
    "Bytes of these messages, before TLS and HTTP/2",
    byPeer(({ contacts }, peer) => contacts.links.figures(peer)?.sentBytes),
    PEER,
  ),
  counter(
    "link_dropped_items_total",
    "Messages to the peer that were dropped: no link, or no room",
    byPeer(({ contacts }, peer) => contacts.links.figures(peer)?.dropped),
    PEER,
  ),
  counter(
    "link_received_items_total",
    "Messages received on the peer's link",
    byPeer(({ receiver }, peer) => receiver.received(peer).items),
    PEER,
  ),
  counter(
    "link_received_bytes_total",
    "Bytes of these items, before TLS and HTTP/2",
    byPeer(({ receiver }, peer) => receiver.received(peer).bytes),
    PEER,
  ),
  gauge(
    "peer_silence_seconds",
    "Time since the last sign of the peer; none if there was none",
    byPeer(({ contacts }, peer) => seconds(contacts.silentMs(peer))),
    PEER,
  ),
  gauge(
    "peer_height",
    "The highest final height that the peer has reported; 0 if none",
    byPeer(({ receiver }, peer) => receiver.progressOf(peer).finalHeight),
    PEER,
  ),
  gauge(
    "peer_clock_offset_seconds",
    "Lead of this node's clock over the peer's; negative: behind; none without a recent reading",
    byPeer(({ clock }, peer) => {
      const theirLeadMs = clock.aheadMsOf(peer);
      return theirLeadMs === undefined ? undefined : -theirLeadMs / 1000;
    }),
    PEER,
  ),
  gauge(
    "clock_offset_seconds",
    "Lead of this node's clock over its peers' clocks (median); none while too few peers " +
      "have answered",
    ({ node }) => seconds(node.clock.offsetMs),
  ),
  gauge(
    "clock_tolerance_seconds",
    "How far a block's time may lie from a voter's clock, as the genesis says",
    ({ node }) => seconds(node.context.genesis.timings.clockSkewMs),
  ),
];
