/** The findings of `countersign doctor` about clocks, ports and peers. */
import type { FindingKind } from "./finding-kind.ts";

const PEERS = "countersign node peers --config $CONFIG";
const CLOCK = "set the clock and keep it set, by NTP (chrony, systemd-timesyncd)";

export const FINDINGS_OF_NETWORK = {
  PORT_TAKEN: {
    severity: "fault",
    meaning: "another program listens where this node is to listen",
    why: "the node does not start",
    remedy: "end that program (ss -ltnp names it), or name another port in the configuration",
  },
  LISTEN_ADDRESS_UNUSABLE: {
    severity: "fault",
    meaning: "this machine does not have the address on which the node is to listen",
    why: "the node does not start",
    remedy:
      "name an address of this machine, or [::] for all; behind a port mapping, not the address that others reach",
  },
  CLOCK_WRONG: {
    severity: "fault",
    meaning: "this machine's clock differs from its peers' by more than clockSkewMs",
    why: "the node votes for no block and signs no deadline",
    remedy: CLOCK,
  },
  CLOCK_DOUBTFUL: {
    severity: "warning",
    meaning: "this machine's clock differs from its peers' by more than half of clockSkewMs",
    why: "it will soon vote for no block",
    remedy: CLOCK,
  },
  PEER_CLOCK_WRONG: {
    severity: "warning",
    meaning: "a peer's clock differs from the others' by more than clockSkewMs",
    why: "that member does not vote, and counts among the f that may fail",
    remedy: "call its operator: the clock of that machine has to be set",
  },
  QUORUM_UNREACHABLE: {
    severity: "fault",
    meaning: "so few peers can be reached that this node cannot be part of a quorum",
    why: "its payments wait, and nothing is lost",
    remedy:
      "look at this machine's network and firewall first, then ask the operators if their nodes run",
  },
  PEER_UNREACHABLE: {
    severity: "warning",
    meaning: "a peer cannot be reached from here",
    why: "if its node is down, the network tolerates one failure less",
    remedy:
      'ask its operator if the node runs and its peer port is open; correct "peers" if it has moved',
  },
  PEER_PORT_CLOSED: {
    severity: "fault",
    meaning: "a peer runs and can be reached, and does not reach this node's peer port",
    why: "what that member sends is lost to this node",
    remedy:
      'open the port in the firewall and the port mapping; compare the address with the peer\'s genesis and its "peers"',
  },
  PEER_OTHER_GENESIS: {
    severity: "fault",
    meaning: "a peer is in a network with another genesis hash",
    why: "the two nodes refuse each other",
    remedy:
      "compare the hash of the genesis with that operator; who is wrong puts the right one back",
    command: "countersign genesis hash $FILE",
  },
  PEER_IMPOSTOR: {
    severity: "fault",
    meaning: "another node or another program answers at a peer's address",
    why: "it cannot prove to be that member, so there is no link to it",
    remedy: 'correct the address under "peers", or ask its operator what listens there',
    command: PEERS,
  },
  PEER_NEWER: {
    severity: "warning",
    meaning: "peers run a newer version than this node",
    why: "a rule that begins at a height needs the newer version on every node",
    remedy: "upgrade this node (docs/operations.md); one node at a time",
  },
} as const satisfies Readonly<Record<string, FindingKind>>;
