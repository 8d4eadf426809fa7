/** `countersign webhook add`, `list`, `remove` and `redeliver`: endpoints to which one running node posts events. */
import { toJson } from "@bufbuild/protobuf";
import {
  AddWebhookResponseSchema,
  RedeliverWebhookResponseSchema,
  RemoveWebhookResponseSchema,
  type Webhook,
} from "../../gen/countersign/v1/operator_service_pb.ts";
import { LIMITS } from "../primitives/limits.ts";
import { printable } from "../primitives/printable.ts";
import { readTextBounded } from "../storage/bounded-file.ts";
import { formatTime } from "../transport/iso-time.ts";
import { parseWhole, usage } from "./arguments.ts";
import { CommandError, EXIT, type Option } from "./command.ts";
import { CONFIG_OPTION } from "./config-option.ts";
import { defineCommand } from "./define-command.ts";
import { webhookJson } from "./named-json.ts";
import { type OperatorCalls, withOperator } from "./operator-access.ts";
import { formatTable } from "./table.ts";
import { readWallet } from "./wallet-argument.ts";
import { WALLET_NAMES_OPTION, WalletNames } from "./wallet-names.ts";

const HEADS = [
  "name",
  "url",
  "events of",
  "height",
  "delivered",
  "failed",
  "dead letters",
  "state",
];
const NAME_OPERAND = { name: "NAME", summary: "as countersign webhook list shows it" };
const FROM_HEIGHT = {
  kind: "text",
  value: "HEIGHT",
  summary: "the lowest height of an event; 0 for the beginning of the chain",
} as const satisfies Option;

export const webhookAdd = defineCommand({
  name: "webhook add",
  example:
    "countersign webhook add https://shop.example.org/payments --name shop --wallet $WALLET --config node1/config.json",
  details:
    "The node posts what becomes final from now on, signed as Standard Webhooks has it (docs/webhooks.md). The secret by which the " +
    "receiver checks signatures is printed once: write it to a file that only its holder may read (umask 077).",
  operands: [{ name: "URL", summary: "https; on loopback http too" }],
  options: {
    config: CONFIG_OPTION,
    name: { kind: "text", value: "NAME", summary: "lower-case letters, digits and hyphens" },
    wallet: {
      kind: "text",
      value: "ID",
      summary:
        "the wallet whose entries to post, or your name for it; without it, all transactions of the ledger",
    },
    ...WALLET_NAMES_OPTION,
    "from-height": FROM_HEIGHT,
    authority: {
      kind: "text",
      value: "FILE",
      summary: "the authorities of the receiver's certificate (PEM); without it, the public ones",
    },
    private: { kind: "flag", summary: "the receiver may have a loopback or private address" },
  },
  run: async ({ values, operands }, terminal) => {
    const [url = ""] = operands;
    const { name, wallet, authority } = values;
    if (name === undefined) {
      throw usage("webhook add: --name NAME is missing: lower-case letters, digits and hyphens");
    }
    const names = WalletNames.read("webhook add", values);
    const asked = {
      name,
      url,
      walletId: wallet === undefined ? "" : readWallet("webhook add: --wallet", wallet, names),
      authority: authority === undefined ? "" : readAuthority("webhook add", authority),
      privateAddresses: values.private,
      ...heightOf("webhook add", values["from-height"]),
    };
    const add = (calls: OperatorCalls) => calls.addWebhook(asked);
    const made = await withOperator("webhook add", values.config, add);
    terminal.note(`The endpoint ${name} gets ${eventsOf(made.webhook, names)}. Its secret:`);
    const value = toJson(AddWebhookResponseSchema, made, { alwaysEmitImplicit: true });
    terminal.answer({ value, text: made.secret });
    return EXIT.ok;
  },
});

export const webhookList = defineCommand({
  name: "webhook list",
  example: "countersign webhook list --config node1/config.json",
  details:
    "The height is that of the last event that was delivered, or became a dead letter. Delivered messages and failed attempts are " +
    "counted since the node started.",
  operands: [],
  options: { config: CONFIG_OPTION, ...WALLET_NAMES_OPTION },
  run: async ({ values }, terminal) => {
    const names = WalletNames.read("webhook list", values);
    const list = (calls: OperatorCalls) => calls.listWebhooks({});
    const answer = await withOperator("webhook list", values.config, list);
    const { webhooks } = answer;
    const value = { webhooks: webhooks.map((webhook) => webhookJson(names, webhook)) };
    const text = webhooks.length === 0 ? "The node has no webhooks." : tableOf(webhooks, names);
    terminal.answer({ value, text });
    return EXIT.ok;
  },
});

export const webhookRemove = defineCommand({
  name: "webhook remove",
  example: "countersign webhook remove shop --config node1/config.json",
  details:
    "With its place in the chain, its dead letters and its secret. Nothing is posted after that.",
  operands: [NAME_OPERAND],
  options: { config: CONFIG_OPTION },
  run: async ({ values, operands }, terminal) => {
    const [name = ""] = operands;
    const answer = await withOperator("webhook remove", values.config, (calls) =>
      calls.removeWebhook({ name }),
    );
    const { height = 0n, deadLetters = 0 } = answer.webhook ?? {};
    terminal.answer({
      value: toJson(RemoveWebhookResponseSchema, answer, { alwaysEmitImplicit: true }),
      text: `Removed: ${printable(name)}, which had come to height ${height} and had ${deadLetters} dead letters.`,
    });
    return EXIT.ok;
  },
});

export const webhookRedeliver = defineCommand({
  name: "webhook redeliver",
  example: "countersign webhook redeliver shop --config node1/config.json",
  details:
    "Posts the dead letters once more, the oldest first, until one fails or ten seconds have passed, and ends the wait for the next " +
    "attempt. With --from-height, posts everything from there on again, under the same ids: for a receiver that has lost data. Ends " +
    "with 1 if dead letters are left.",
  operands: [NAME_OPERAND],
  options: { config: CONFIG_OPTION, "from-height": FROM_HEIGHT },
  run: async ({ values, operands }, terminal) => {
    const [name = ""] = operands;
    const from = heightOf("webhook redeliver", values["from-height"]);
    const answer = await withOperator("webhook redeliver", values.config, (calls) =>
      calls.redeliverWebhook({ name, ...from }),
    );
    const { delivered, left, problem } = answer;
    const why = problem === "" ? "" : ` (${printable(problem)})`;
    const again = `Everything from height ${values["from-height"]} on is posted again.`;
    terminal.answer({
      value: toJson(RedeliverWebhookResponseSchema, answer, { alwaysEmitImplicit: true }),
      text: "fromHeight" in from ? again : `Delivered: ${delivered}; left: ${left}${why}.`,
    });
    return "fromHeight" in from || left === 0 ? EXIT.ok : EXIT.failed;
  },
});

function heightOf(command: string, text: string | undefined): { readonly fromHeight?: bigint } {
  if (text === undefined) return {};
  const bounds = { what: `${command}: --from-height`, min: 0, max: Number.MAX_SAFE_INTEGER };
  return { fromHeight: BigInt(parseWhole(text, bounds)) };
}

function readAuthority(command: string, path: string): string {
  try {
    return readTextBounded(path, LIMITS.webhooks.authorityBytesMax);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandError(
      `${command}: --authority ${printable(path)} cannot be read (${why}); name a file of certificates in PEM`,
    );
  }
}

function tableOf(webhooks: readonly Webhook[], names: WalletNames): string {
  const rows = webhooks.map((webhook) => [
    webhook.name,
    webhook.url,
    webhook.walletId === "" ? "the ledger" : names.show(webhook.walletId),
    String(webhook.height),
    String(webhook.delivered),
    String(webhook.failed),
    String(webhook.deadLetters),
    stateOf(webhook),
  ]);
  return formatTable(HEADS, rows);
}

function stateOf({ problem, failingSince }: Webhook): string {
  if (problem === "") return "delivers";
  const since = failingSince === undefined ? "" : ` since ${formatTime(Number(failingSince))}`;
  return `fails${since}: ${problem}`;
}

function eventsOf(webhook: Webhook | undefined, names: WalletNames): string {
  const { walletId = "" } = webhook ?? {};
  return walletId === ""
    ? "the transactions of the ledger"
    : `the entries of ${names.show(walletId)}`;
}
