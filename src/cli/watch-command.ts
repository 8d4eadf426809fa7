/** `countersign watch`: writes what becomes final, as it does: the transactions of the ledger, or the entries of one wallet. */
import { ListFault } from "../client/lists.ts";
import { type WatchedEvent, type WatchTerms, watch } from "../client/watch.ts";
import type { Genesis } from "../ledger/genesis.ts";
import { printable } from "../primitives/printable.ts";
import { parseWhole, usage } from "./arguments.ts";
import { isUnanswered, refused, rootOf } from "./calls.ts";
import { CommandError, EXIT, type Values } from "./command.ts";
import { defineCommand } from "./define-command.ts";
import { transactionRow } from "./history-command.ts";
import { LIMIT_MAX } from "./list-arguments.ts";
import { entryJson, transactionJson } from "./named-json.ts";
import {
  type Member,
  membersFor,
  NETWORK_OPTIONS,
  NODE_OPTION,
  openNetwork,
} from "./network-access.ts";
import { ownReads } from "./own-wallet.ts";
import { entryRow } from "./statement-command.ts";
import { formatJson, type Terminal } from "./terminal.ts";
import { readWallet } from "./wallet-argument.ts";
import { WALLET_KEY_OPTIONS } from "./wallet-keys.ts";
import { WalletNames } from "./wallet-names.ts";

const NAME = "watch";

const WATCH_OPTIONS = {
  from: {
    kind: "text",
    value: "CURSOR",
    summary:
      "go on behind the event with this cursor (default: with what becomes final from now on)",
  },
  "from-start": { kind: "flag", summary: "begin with the first block of the chain" },
  limit: { kind: "text", value: "N", summary: "end after so many events (default: no end)" },
} as const;

export const watchCommand = defineCommand({
  name: NAME,
  example: "countersign watch 0f8e1c52-3a77-8b1e-9d2c-5c1f0e4b7a90 --from-start",
  details:
    "Each line is an event; with --json it is one JSON value. It ends with the cursor of its event: watch --from CURSOR goes on " +
    "behind that event, at any node. If a node is lost, the watch goes on at the next one. A node with access control shows the whole ledger to " +
    "tokens with the scope read:all, and a wallet to its owner, whose key in --wallets signs.",
  operands: [
    {
      name: "WALLET",
      summary: "the wallet's id, or your name for it (default: the whole ledger)",
      optional: true,
    },
  ],
  options: { ...WATCH_OPTIONS, ...NODE_OPTION, ...WALLET_KEY_OPTIONS, ...NETWORK_OPTIONS },
  run: async ({ values, operands: [wallet] }, terminal) => {
    const names = WalletNames.read(NAME, values);
    const walletId =
      wallet === undefined ? undefined : readWallet(`${NAME}: WALLET`, wallet, names);
    const { limit, ...begin } = readTerms(values);
    const network = openNetwork(NAME, values);
    try {
      const members = membersFor(NAME, network, values.node);
      const ids = walletId === undefined ? [] : [walletId];
      const reads = await ownReads(NAME, values, network.trust.networkId, ids);
      const watcher = new Watcher(members, terminal);
      const events = watch(
        members.map(({ client }) => client.calls),
        { ...begin, walletId, ...watcher.terms },
        walletId === undefined ? {} : reads.get(walletId),
      );
      await watcher.write(events, { limit, shown: { genesis: network.genesis, names } });
      return EXIT.ok;
    } finally {
      network.close();
    }
  },
});

function readTerms(values: Values<typeof WATCH_OPTIONS>) {
  const { from, limit } = values;
  if (from !== undefined && values["from-start"]) {
    throw usage(`${NAME}: --from and --from-start exclude one another; give one of them`);
  }
  return {
    from,
    fromHeight: values["from-start"] ? 0n : undefined,
    limit:
      limit === undefined
        ? Number.POSITIVE_INFINITY
        : parseWhole(limit, { what: `${NAME}: --limit`, min: 1, max: LIMIT_MAX }),
  };
}

interface Shown {
  readonly genesis: Genesis;
  readonly names: WalletNames;
}

/** Writes events, and notes what happens to the connection. */
class Watcher {
  readonly #members: readonly Member[];
  readonly #terminal: Terminal;
  #cursor: string | undefined;
  /** Failed calls so far: each is followed by one to the next member. */
  #losses = 0;

  constructor(members: readonly Member[], terminal: Terminal) {
    this.#members = members;
    this.#terminal = terminal;
  }

  get terms(): Pick<WatchTerms, "onLost" | "onProgress"> {
    return {
      onProgress: ({ cursor }) => {
        // An interruption before the first event must not lose where the watch began.
        if (this.#cursor === undefined) this.#noteBegin(cursor);
        this.#cursor = cursor;
      },
      onLost: (error) => this.#lost(error),
    };
  }

  async write(
    events: AsyncGenerator<WatchedEvent>,
    { limit, shown }: { readonly limit: number; readonly shown: Shown },
  ): Promise<void> {
    let isLost = false;
    this.#terminal.onAnswerLost(() => {
      isLost = true;
      void events.return(undefined);
    });
    let left = limit;
    try {
      for await (const event of events) {
        this.#terminal.line(this.#terminal.json ? jsonLine(shown, event) : textLine(shown, event));
        await this.#terminal.written();
        this.#cursor = event.cursor;
        left -= 1;
        if (isLost || left === 0) return;
      }
    } catch (error) {
      if (error instanceof CommandError) throw error;
      const { message, exitCode } = this.#described(error);
      throw new CommandError(`${message}${this.#howToGoOn()}`, exitCode);
    }
  }

  /** Until the first message, each member is tried once; from then on the watch waits for them to come back. */
  #lost(error: unknown): void {
    const member = this.#member;
    this.#losses += 1;
    const why = `${member.id} (${member.address}): ${describe(error)}`;
    if (this.#cursor === undefined && this.#losses >= this.#members.length) {
      throw new CommandError(
        `${NAME}: no stream from any node; the last was ${why}; is the network running?`,
      );
    }
    this.#terminal.note(`${NAME}: lost ${why}; going on at ${this.#member.id}`);
  }

  get #member(): Member {
    const member = this.#members[this.#losses % this.#members.length];
    if (member === undefined) throw new CommandError(`${NAME}: the network has no nodes`);
    return member;
  }

  #described(error: unknown): CommandError {
    if (!(error instanceof ListFault)) return refused(NAME, this.#member, error);
    const remedy = "ask another node with --node NODE";
    return new CommandError(`${NAME}: ${this.#member.id}: ${printable(error.message)}; ${remedy}`);
  }

  #noteBegin(cursor: string): void {
    const howToGoOn = `after an interruption go on with --from ${printable(cursor)}`;
    const line = this.#terminal.json
      ? formatJson({ begin: { cursor } })
      : `${NAME}: begins; ${howToGoOn} or the cursor of a later line`;
    this.#terminal.note(line);
  }

  #howToGoOn(): string {
    return this.#cursor === undefined ? "" : `; go on with --from ${printable(this.#cursor)}`;
  }
}

function describe(error: unknown): string {
  return isUnanswered(error) ? rootOf(error) : printable(String(error));
}

function jsonLine({ names }: Shown, event: WatchedEvent): string {
  const { cursor } = event;
  return formatJson(
    event.kind === "entry"
      ? { cursor, entry: entryJson(names, event.entry) }
      : { cursor, transaction: transactionJson(names, event.transaction) },
  );
}

function textLine(shown: Shown, event: WatchedEvent): string {
  const cells =
    event.kind === "entry"
      ? entryRow(shown, event.entry)
      : transactionRow(shown, event.transaction);
  return [...cells, event.cursor].map((cell) => printable(cell === "" ? "-" : cell)).join("  ");
}
