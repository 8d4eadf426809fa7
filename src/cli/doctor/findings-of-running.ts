/** The findings of `countersign doctor` about a running node, as it tells its operator. */
import type { FindingKind } from "./finding-kind.ts";

const RELOAD = "countersign node reload --config $CONFIG";
const STATUS = "countersign node status --config $CONFIG";
const PEERS = "countersign node peers --config $CONFIG";

export const FINDINGS_OF_RUNNING = {
  NODE_NOT_READY: {
    severity: "fault",
    meaning: "the running node is not ready, for another reason than those below",
    why: "it takes no orders of clients",
    remedy: "wait if the line says that it catches up; bring members up if they are missing",
    command: STATUS,
  },
  NODE_DRAINED: {
    severity: "warning",
    meaning: "the operator has taken the node out of service",
    why: "it takes no orders of clients until it is put back",
    remedy: "put it back into service when the work is done",
    command: "countersign node drain --resume --config $CONFIG",
  },
  NODE_REJOINED: {
    severity: "warning",
    meaning: "the node has rejoined and does not vote yet",
    why: "it counts among the f members that may fail",
    remedy: "stop no other node until this one votes; views pass with payments",
    command: STATUS,
  },
  KEY_NOT_MADE: {
    severity: "warning",
    meaning: "there is no group key yet",
    why: "payments are final without seals",
    remedy: "bring all members up before the ceremony's time is over; who is absent gets no share",
    command: STATUS,
  },
  SHARE_MISSING: {
    severity: "fault",
    meaning: "the node holds a share of the group key by the ledger, and its folder has none",
    why: "it countersigns nothing, so that seals tolerate one failure less",
    remedy:
      "stop the node, put keys/signing-share.key.json back from a later backup, start the node",
    command: "countersign node --config $CONFIG",
  },
  SHARE_LEFT_OUT: {
    severity: "warning",
    meaning: "a member has no share of the group key, which was made without it",
    why: "seals tolerate one failure less for each such member, for good",
    remedy: "keep the members up that hold a share: this key is never shared again",
    command: PEERS,
  },
  PEER_BLAMED: {
    severity: "warning",
    meaning: "a peer has sent a wrong share or seal since this node started",
    why: "it is not asked any more, and its program or machine is faulty, or it lies",
    remedy: "call its operator; restart this node once the fault is repaired",
    command: PEERS,
  },
  EVIDENCE_KEPT: {
    severity: "warning",
    meaning: "the node keeps proofs of a member's fault",
    why: "a member has signed what no honest node signs",
    remedy: "call that member's operator; export the proof for the others",
    command: "countersign evidence list --config $CONFIG",
  },
  MEMORY_SHORT: {
    severity: "warning",
    meaning: "the node uses more than 60% of its memory",
    why: "from 80% on it refuses new wallets",
    remedy: "give the machine or container more memory, then restart the node",
    command: STATUS,
  },
  CERTIFICATE_NOT_LOADED: {
    severity: "warning",
    meaning: "the running node shows clients another certificate than its file holds",
    why: "a renewed certificate counts only once the node has taken it",
    remedy: "reload",
    command: RELOAD,
  },
  RELOAD_REFUSED: {
    severity: "warning",
    meaning: "the last reload was refused",
    why: "the node goes on with the old files, and its next start reads the wrong ones",
    remedy: "correct the file that the line names, and reload",
    command: RELOAD,
  },
  VERSION_NOT_RUNNING: {
    severity: "warning",
    meaning: "the running node is of another version than the installed program",
    why: "an upgrade counts from the next start on",
    remedy: "restart the node, one node at a time",
    command: "countersign node --config $CONFIG",
  },
} as const satisfies Readonly<Record<string, FindingKind>>;
