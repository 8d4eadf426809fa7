/** The findings of `countersign doctor` about a node's own files and its machine. */
import type { FindingKind } from "./finding-kind.ts";

const RENEW = "renew it with the authority that issued it, copy the new file here, and reload";
const RELOAD = "countersign node reload --config $CONFIG";
const START = "countersign node --config $CONFIG";
const NEW_CLIENT_KEY = "make it its owner's alone, and use a new key if someone may have read it";

export const FINDINGS_OF_FILES = {
  CONFIG_INVALID: {
    severity: "fault",
    meaning: "the configuration cannot be read, or has a wrong or missing key",
    why: "no node starts with it",
    remedy: "correct the key that the line names (docs/operations.md has all keys)",
  },
  GENESIS_INVALID: {
    severity: "fault",
    meaning: "the genesis is missing, cannot be read, or is no genesis",
    why: "without it the node knows neither members nor rules",
    remedy: "put the genesis back that all operators agreed on, and compare its hash with theirs",
    command: "countersign genesis hash $FILE",
  },
  NODE_UNKNOWN: {
    severity: "fault",
    meaning: "the configuration names a node that is no member of the genesis",
    why: "only members take part",
    remedy: 'write a member\'s id under "node" and "peers", or name the right genesis',
    command: "countersign genesis inspect $FILE",
  },
  DATA_FOLDER_MISSING: {
    severity: "fault",
    meaning: "there is no data folder where the configuration names one",
    why: "it holds the node's keys, votes and blocks",
    remedy:
      'mount its disk, or correct "data"; if it is lost, restore its keys from their backup, then rejoin',
    command: "countersign rejoin --config $CONFIG",
  },
  DATA_FOLDER_INVALID: {
    severity: "fault",
    meaning: "the data folder's marker is damaged, or the folder is none of a node",
    why: "the node cannot tell whose votes and keys these are",
    remedy: "put countersign.json back from a copy, or name the node's own folder",
  },
  DATA_FOLDER_NEWER: {
    severity: "fault",
    meaning: "a newer version of the software wrote the data folder",
    why: "this version does not know its layout",
    remedy: "start the version that wrote it",
  },
  DATA_FOLDER_FOREIGN: {
    severity: "fault",
    meaning: "the data folder belongs to another node",
    why: "a node must never vote with another node's journal",
    remedy: 'correct "data" or "node" in the configuration',
  },
  DATA_FOLDER_EXPOSED: {
    severity: "warning",
    meaning: "other users may write in the data folder or its parts, or list its keys",
    why: "they could exchange keys and votes",
    remedy: "take the rights of group and others away",
    command: "chmod -R go-rwx $FILE",
  },
  GENESIS_OTHER: {
    severity: "fault",
    meaning: "the genesis is not that of the network to which the data folder belongs",
    why: "the node would speak for a network that its peers are not in",
    remedy: "put the genesis of the node's network back; all members show the same hash",
    command: "countersign genesis hash $FILE",
  },
  STORE_MISSING: {
    severity: "fault",
    meaning: "the data folder has no store, or an empty one",
    why: "the node has lost what it has voted, and must not vote before it rejoins",
    remedy: "put the disk back; if the store is lost, rejoin: the peers fill a new one",
    command: "countersign rejoin --config $CONFIG",
  },
  STORE_RESTORED: {
    severity: "fault",
    meaning: "the data folder comes from a backup, and the node has not rejoined since",
    why: "what it has said since the backup is not in it, so it does not start before it rejoins",
    remedy: "rejoin, while no other process runs with the keys of this node; then start it",
    command: "countersign rejoin --config $CONFIG",
  },
  STORE_HELD: {
    severity: "fault",
    meaning: "a process holds the store, and no node answers at the operator's socket",
    why: "a second node cannot start on it, and the first one takes no orders of its operator",
    remedy: "look at the process and its log; end it if it hangs, then start the node",
    command: START,
  },
  PASSPHRASE_MISSING: {
    severity: "fault",
    meaning: "the passphrase of the keys cannot be had from where the configuration says",
    why: "no key opens without it",
    remedy: "put it back, or name the right place in the configuration",
  },
  PASSPHRASE_EXPOSED: {
    severity: "fault",
    meaning: "other users may read the passphrase of the keys",
    why: "with it and a copy of the keys they can vote and spend as this node",
    remedy: "make it its owner's alone, and change it if someone may have read it",
    command: "chmod 600 $FILE",
  },
  PASSPHRASE_WRONG: {
    severity: "fault",
    meaning: "the keys do not open with this passphrase",
    why: "the node cannot sign anything",
    remedy: "put the passphrase back that the keys were made with, or the keys that it opens",
  },
  KEY_MISSING: {
    severity: "fault",
    meaning: "a key that every node needs is not in the folder of keys",
    why: "the node cannot prove who it is",
    remedy: "put the file back from the backup of the keys",
  },
  KEY_EXPOSED: {
    severity: "fault",
    meaning: "other users may read a key file",
    why: "a guess of the passphrase then opens the key, and the node refuses to use it",
    remedy: "make it its owner's alone",
    command: "chmod 600 $FILE",
  },
  KEY_DAMAGED: {
    severity: "fault",
    meaning: "a key file is damaged or was renamed",
    why: "its key is lost unless there is a backup",
    remedy: "put the file back from the backup of the keys; look at the disk",
  },
  KEYS_FOREIGN: {
    severity: "fault",
    meaning: "the keys are not those of this member in the genesis",
    why: "no peer accepts what they sign",
    remedy: 'put the node\'s own keys back, or correct "node", "data" or "genesis"',
  },
  CERTIFICATE_INVALID: {
    severity: "fault",
    meaning: "the client listener's certificate or key is missing, or cannot be read",
    why: "the node does not start without both",
    remedy: "name the right files under clientCertificate and clientKey, or issue new ones",
    command: "countersign certs issue --help",
  },
  CERTIFICATE_KEY_EXPOSED: {
    severity: "fault",
    meaning: "other users may read the client listener's key",
    why: "they could pose as this node to its clients, and the node refuses to use it",
    remedy: NEW_CLIENT_KEY,
    command: "chmod 600 $FILE",
  },
  CERTIFICATE_KEY_FOREIGN: {
    severity: "fault",
    meaning: "the client listener's key is not the key of its certificate",
    why: "no TLS handshake would succeed",
    remedy: "put the two files of one issue side by side",
  },
  CERTIFICATE_CHAIN: {
    severity: "fault",
    meaning: "a certificate in the chain did not issue the one before it",
    why: "clients cannot follow the chain to an authority that they trust",
    remedy: "write the node's own certificate first, and each issuer behind the one that it issued",
    command: "countersign certs inspect $FILE",
  },
  CERTIFICATE_NAME: {
    severity: "warning",
    meaning: "the certificate does not name the host that the genesis announces to clients",
    why: "clients that call by that name refuse the node",
    remedy: "issue a certificate that names it",
    command: "countersign certs inspect $FILE",
  },
  CERTIFICATE_NOT_YET_VALID: {
    severity: "fault",
    meaning: "the client listener's certificate is not valid yet",
    why: "clients that check it refuse the node",
    remedy: "set the clock of this machine if it is behind, or wait, or issue another certificate",
  },
  CERTIFICATE_EXPIRED: {
    severity: "fault",
    meaning: "the client listener's certificate, or one of its chain, has expired",
    why: "clients that check it refuse the node",
    remedy: RENEW,
    command: RELOAD,
  },
  CERTIFICATE_EXPIRES: {
    severity: "warning",
    meaning: "the client listener's certificate expires within 30 days",
    why: "from then on clients refuse the node",
    remedy: RENEW,
    command: RELOAD,
  },
  ACCESS_INVALID: {
    severity: "fault",
    meaning: "a file that the key access names is missing, damaged or expired",
    why: "callers with a client certificate cannot be let in",
    remedy: "put the right file there, then reload or start the node",
    command: RELOAD,
  },
  OPEN_FILES_TOO_FEW: {
    severity: "fault",
    meaning: "the limit of open files is below what a node needs to start",
    why: "the node does not start",
    remedy: "raise the limit of the process (LimitNOFILE of a systemd unit), then start the node",
    command: "ulimit -n 65536",
  },
  OPEN_FILES_LOW: {
    severity: "warning",
    meaning: "the limit of open files leaves fewer clients than a node can serve",
    why: "further clients are refused",
    remedy: "raise the limit of the process (LimitNOFILE of a systemd unit), then restart the node",
    command: "ulimit -n 65536",
  },
  DISK_UNWRITABLE: {
    severity: "fault",
    meaning: "the data folder cannot be written",
    why: "a node that cannot store its vote must not vote, and stops",
    remedy: "do what the line says; delete nothing",
  },
  DISK_FULL: {
    severity: "fault",
    meaning: "less than 500 MB are free on the disk of the store",
    why: "the node stops when a vote or block finds no room",
    remedy:
      "free space that is not the node's, or give it a larger disk; delete nothing in its folder",
  },
  DISK_SPACE_LOW: {
    severity: "warning",
    meaning: "less than 5 GB are free on the disk of the store",
    why: "the store grows with every payment",
    remedy:
      "give the node a larger disk, free space that is not the node's, or let it drop old contents (keepBlocks)",
  },
  DISK_SLOW: {
    severity: "warning",
    meaning: "half of the writes take longer than 100 ms to be on the disk",
    why: "every vote waits for such a write, so the node's views end by timeout",
    remedy: "put the data folder on an SSD of its own, or end what else writes to this disk",
  },
} as const satisfies Readonly<Record<string, FindingKind>>;
