/**
 * All commands, in the order of the help, with the data to find and list them. The rest of a command is loaded when
 * it runs, so a command loads no modules that only other commands use.
 */
import type { Command } from "./command.ts";

export interface CommandEntry {
  /** Words that select it, as in "receipt verify". */
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

export const ENTRIES: readonly CommandEntry[] = [
  {
    name: "devnet",
    summary: "Runs a network of node processes on loopback, ready for the first payment.",
    load: async () => (await import("./devnet.ts")).devnet,
  },
  {
    name: "node",
    summary: "Runs one node until SIGINT or SIGTERM.",
    load: async () => (await import("./node-command.ts")).node,
  },
  {
    name: "node status",
    summary: "Shows a running node in full: state, certificates, process, listeners.",
    load: async () => (await import("./node-status.ts")).nodeStatus,
  },
  {
    name: "node peers",
    summary: "Shows a running node's peers with details for its operator.",
    load: async () => (await import("./node-peers.ts")).nodePeers,
  },
  {
    name: "node reload",
    summary:
      "Makes a running node reload its certificate and key, the rights of callers and the log level.",
    load: async () => (await import("./node-control.ts")).nodeReload,
  },
  {
    name: "node drain",
    summary: "Takes a running node out of service for clients, or puts it back.",
    load: async () => (await import("./node-control.ts")).nodeDrain,
  },
  {
    name: "node log-level",
    summary: "Sets the level of a running node's log, or shows it.",
    load: async () => (await import("./node-control.ts")).nodeLogLevel,
  },
  {
    name: "doctor",
    summary: "Finds what is wrong with a node, stopped or running, and names the remedy.",
    load: async () => (await import("./doctor.ts")).doctor,
  },
  {
    name: "token create",
    summary: "Makes a bearer token of a running node for a caller, and shows it once.",
    load: async () => (await import("./token-command.ts")).tokenCreate,
  },
  {
    name: "token list",
    summary: "Lists the tokens of a running node: scopes, expiry, last use.",
    load: async () => (await import("./token-command.ts")).tokenList,
  },
  {
    name: "token revoke",
    summary: "Revokes a token of a running node, effective at once.",
    load: async () => (await import("./token-command.ts")).tokenRevoke,
  },
  {
    name: "webhook add",
    summary: "Adds an endpoint to which a running node posts events, and shows its secret once.",
    load: async () => (await import("./webhook-command.ts")).webhookAdd,
  },
  {
    name: "webhook list",
    summary: "Lists the webhooks of a running node: place, failures, dead letters.",
    load: async () => (await import("./webhook-command.ts")).webhookList,
  },
  {
    name: "webhook remove",
    summary: "Removes a webhook of a running node, effective at once.",
    load: async () => (await import("./webhook-command.ts")).webhookRemove,
  },
  {
    name: "webhook redeliver",
    summary: "Posts a webhook's dead letters again, or everything from a height on.",
    load: async () => (await import("./webhook-command.ts")).webhookRedeliver,
  },
  {
    name: "upgrade show",
    summary:
      "Shows the rules of the network, what each member's software knows, and what it has approved.",
    load: async () => (await import("./upgrade-command.ts")).upgradeShow,
  },
  {
    name: "upgrade approve",
    summary: "Approves, as a member, that new rules begin from a height on.",
    load: async () => (await import("./upgrade-command.ts")).upgradeApprove,
  },
  {
    name: "keygen",
    summary: "Makes the keys of one node, encrypted, and its public member file.",
    load: async () => (await import("./keygen.ts")).keygen,
  },
  {
    name: "passphrase change",
    summary: "Encrypts the keys of a stopped node, or of wallets, under another passphrase.",
    load: async () => (await import("./passphrase-command.ts")).passphraseChange,
  },
  {
    name: "genesis compose",
    summary: "Composes a genesis from the members' public files.",
    load: async () => (await import("./genesis-compose.ts")).genesisCompose,
  },
  {
    name: "genesis inspect",
    summary: "Shows the contents of a genesis: members, rules, issuers, network id.",
    load: async () => (await import("./genesis-inspect.ts")).genesisInspect,
  },
  {
    name: "genesis hash",
    summary: "Prints the network id: the hash that all operators compare.",
    load: async () => (await import("./genesis-inspect.ts")).genesisHash,
  },
  {
    name: "init",
    summary: "Makes a node's data folder and configuration from its keys and the genesis.",
    load: async () => (await import("./init.ts")).init,
  },
  {
    name: "certs",
    summary: "Makes a certificate for a client listener on loopback, with an authority of its own.",
    load: async () => (await import("./certs.ts")).certs,
  },
  {
    name: "certs init",
    summary: "Makes a private authority, whose key stays with its owner.",
    load: async () => (await import("./certs-authority.ts")).certsInit,
  },
  {
    name: "certs issue",
    summary: "Issues a certificate for a listener or for a client.",
    load: async () => (await import("./certs-authority.ts")).certsIssue,
  },
  {
    name: "certs renew",
    summary: "Renews a certificate under the same name, hosts and key.",
    load: async () => (await import("./certs-authority.ts")).certsRenew,
  },
  {
    name: "certs revoke",
    summary: "Revokes certificates, by the authority's list for nodes.",
    load: async () => (await import("./certs-revoke.ts")).certsRevoke,
  },
  {
    name: "certs inspect",
    summary: "Shows certificates and the days until they expire.",
    load: async () => (await import("./certs-inspect.ts")).certsInspect,
  },
  {
    name: "check",
    summary: "Replays and verifies a stopped node's whole store, offline.",
    load: async () => (await import("./check.ts")).check,
  },
  {
    name: "backup",
    summary: "Copies a node's store and keys into a folder; the node may run.",
    load: async () => (await import("./backup-command.ts")).backup,
  },
  {
    name: "backup verify",
    summary: "Reads a whole backup, and compares it with its checksums.",
    load: async () => (await import("./backup-command.ts")).backupVerify,
  },
  {
    name: "restore",
    summary: "Makes a node's data folder from a backup.",
    load: async () => (await import("./restore-command.ts")).restore,
  },
  {
    name: "audit verify",
    summary: "Follows the chain of an audit log's files, offline.",
    load: async () => (await import("./audit-verify.ts")).auditVerify,
  },
  {
    name: "evidence list",
    summary: "Shows the proofs of members' faults that a node keeps.",
    load: async () => (await import("./evidence-command.ts")).evidenceList,
  },
  {
    name: "evidence export",
    summary: "Writes that evidence to a file that anyone with the genesis can verify.",
    load: async () => (await import("./evidence-command.ts")).evidenceExport,
  },
  {
    name: "evidence verify",
    summary: "Verifies a file of evidence offline against the genesis.",
    load: async () => (await import("./evidence-command.ts")).evidenceVerify,
  },
  {
    name: "rejoin",
    summary: "Lets a node take part again after its journal was lost or set back.",
    load: async () => (await import("./rejoin-command.ts")).rejoin,
  },
  {
    name: "wallet create",
    summary: "Creates a wallet; its key stays here, or at a node with --custodial.",
    load: async () => (await import("./wallet-create.ts")).walletCreate,
  },
  {
    name: "wallet show",
    summary: "Shows one wallet: balance, key, entries, and the height of that state.",
    load: async () => (await import("./wallet-show.ts")).walletShow,
  },
  {
    name: "wallet list",
    summary: "Lists the wallets whose keys are kept here, or a node's, with their balances.",
    load: async () => (await import("./wallet-list.ts")).walletList,
  },
  {
    name: "wallet name",
    summary: "Gives a wallet a name of your own, which commands take and show.",
    load: async () => (await import("./wallet-name-commands.ts")).walletName,
  },
  {
    name: "wallet names",
    summary: "Lists your names for wallets.",
    load: async () => (await import("./wallet-name-commands.ts")).walletNames,
  },
  {
    name: "wallet unname",
    summary: "Removes a name of yours.",
    load: async () => (await import("./wallet-name-commands.ts")).walletUnname,
  },
  {
    name: "statement",
    summary: "Lists what a wallet was paid and paid, with the balance after each.",
    load: async () => (await import("./statement-command.ts")).statementCommand,
  },
  {
    name: "export",
    summary: "Writes the whole statement of a wallet as CSV, JSON lines or camt.053.",
    load: async () => (await import("./export-command.ts")).exportCommand,
  },
  {
    name: "history",
    summary: "Lists the transactions of the whole ledger, with their results.",
    load: async () => (await import("./history-command.ts")).historyCommand,
  },
  {
    name: "watch",
    summary: "Writes payments as they become final, of the whole ledger or of one wallet.",
    load: async () => (await import("./watch-command.ts")).watchCommand,
  },
  {
    name: "blocks",
    summary: "Lists the final blocks, with the heights of what certifies them.",
    load: async () => (await import("./blocks-command.ts")).blocksCommand,
  },
  {
    name: "transfer",
    summary: "Pays from one wallet to another, and checks the receipt.",
    load: async () => (await import("./transfer-command.ts")).transfer,
  },
  {
    name: "cancel",
    summary: "Cancels a payment whose outcome is unknown, or shows that it was made.",
    load: async () => (await import("./cancel-command.ts")).cancel,
  },
  {
    name: "sign",
    summary: "Signs a transfer offline and prints the request to POST to /transaction.",
    load: async () => (await import("./sign.ts")).sign,
  },
  {
    name: "receipt get",
    summary: "Fetches the receipt of a payment or of a wallet's creation; save it with > FILE.",
    load: async () => (await import("./receipt-get.ts")).receiptGet,
  },
  {
    name: "receipt verify",
    summary: "Checks a receipt offline against the genesis, and says what it proves.",
    load: async () => (await import("./receipt-verify.ts")).receiptVerify,
  },
  {
    name: "receipt show",
    summary: "Shows a receipt with the QR code of its link, for another person to scan.",
    load: async () => (await import("./receipt-show.ts")).receiptShow,
  },
  {
    name: "receipt pdf",
    summary: "Writes a receipt as a page to print or send, with its proof attached.",
    load: async () => (await import("./receipt-pdf.ts")).receiptPdf,
  },
  {
    name: "proof wallet",
    summary: "Proves what a wallet holds, or that there is no such wallet; save it with > FILE.",
    load: async () => (await import("./proof-command.ts")).proofWallet,
  },
  {
    name: "proof statement",
    summary: "Proves the whole statement of a wallet, or a part of it; save it with > FILE.",
    load: async () => (await import("./proof-command.ts")).proofStatement,
  },
  {
    name: "proof supply",
    summary: "Proves how much of each asset there is; save it with > FILE.",
    load: async () => (await import("./proof-command.ts")).proofSupply,
  },
  {
    name: "verify",
    summary: "Checks a proof or a receipt offline against the genesis, and says what it proves.",
    load: async () => (await import("./verify-command.ts")).verifyCommand,
  },
  {
    name: "status",
    summary: "Shows all nodes in one table: height, lag, view, seal, peers, memory, version.",
    load: async () => (await import("./status.ts")).status,
  },
  {
    name: "network",
    summary: "Shows the network: its id, rules, members and group key.",
    load: async () => (await import("./network.ts")).network,
  },
  {
    name: "peers",
    summary: "Shows what one node knows about its peers.",
    load: async () => (await import("./peers.ts")).peers,
  },
  {
    name: "bench",
    summary: "Puts a load of payments on a running network for some seconds and measures it.",
    load: async () => (await import("./bench.ts")).bench,
  },
  {
    name: "completion",
    summary: 'Prints a completion script; in ~/.bashrc: eval "$(countersign completion)".',
    load: async () => (await import("./completion.ts")).createCompletion(ENTRIES),
  },
];
