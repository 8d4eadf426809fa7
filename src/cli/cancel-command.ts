/** `countersign cancel`: takes a payment's id, so that its outcome is certain: made, declined, or never made. */
import { type JsonObject, toJson } from "@bufbuild/protobuf";
import { CancelTransactionResponseSchema } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { Wait } from "../../gen/countersign/v1/types_pb.ts";
import { cancellationOf, outcomeOf } from "../client/cancel.ts";
import { unreachable } from "../primitives/assert.ts";
import type { OperationId, WalletId } from "../primitives/ids.ts";
import { formatTime } from "../transport/iso-time.ts";
import { commandAgain } from "./again.ts";
import { parseWhole, usage } from "./arguments.ts";
import { CommandError, EXIT, type Options, type Values } from "./command.ts";
import { defineCommand } from "./define-command.ts";
import { readId } from "./id-arguments.ts";
import { KeptRequests } from "./kept-requests.ts";
import {
  type Member,
  membersFor,
  NETWORK_OPTIONS,
  type NetworkAccess,
  NODE_OPTION,
  openNetwork,
} from "./network-access.ts";
import { announce, OutcomeUnknown, placeOrder } from "./order.ts";
import { ownWallet } from "./own-wallet.ts";
import { findOutcome, type NamedPayment, type SettledPayment } from "./payment-receipt.ts";
import { formatNamed, summarizeReceipt } from "./receipt-summary.ts";
import type { Terminal } from "./terminal.ts";
import { findVoid } from "./void-order.ts";
import { readWallet } from "./wallet-argument.ts";
import { WALLET_KEY_OPTIONS } from "./wallet-keys.ts";
import { WalletNames } from "./wallet-names.ts";

const NAME = "cancel";

const OPTIONS = {
  from: { kind: "text", value: "WALLET", summary: "the paying wallet, whose key is in --wallets" },
  id: { kind: "text", value: "UUID", summary: "the payment's id" },
  "valid-until": {
    kind: "text",
    value: "MS",
    summary:
      "the deadline that the payment was signed with, milliseconds since 1970, if --wallets keeps no such payment",
  },
  ...NODE_OPTION,
  ...WALLET_KEY_OPTIONS,
  ...NETWORK_OPTIONS,
} as const satisfies Options;

export const cancel = defineCommand({
  name: NAME,
  example:
    "countersign cancel --from 0f8e1c52-3a77-8b1e-9d2c-5c1f0e4b7a90 --id 5b1c8e0a-9f3d-4c27-8a6e-1d2f3b4c5d6e",
  details:
    "Of a payment and its cancellation only the one that is ordered first counts, and its receipt proves which. " +
    "Exit code 0: nothing was paid and nothing will be; the payment is never made, was declined, or is void. Exit code 3: it was made " +
    "before, and stands. After every other code its outcome is as unknown as before: 4 says that a node refused the cancellation, and 5 " +
    "that nothing is certain yet; run the command in the message. A payment whose deadline is past can be ordered no more, and needs no " +
    "cancellation: the command then shows its receipt, or says that it is void if more than a third of the nodes hold no such payment. " +
    "Pay under a new id after a cancellation.",
  operands: [],
  options: OPTIONS,
  run: async ({ values }, terminal) => {
    const names = WalletNames.read(NAME, values);
    const asked = readAsked(values, names);
    const network = openNetwork(NAME, values);
    try {
      return await cancelAsked(terminal, network, { asked, values, names });
    } finally {
      network.close();
    }
  },
});

interface Asked {
  readonly from: WalletId;
  readonly id: OperationId;
  /** As typed. */
  readonly validUntil: number | undefined;
}

interface Request {
  readonly asked: Asked;
  readonly values: Values<typeof OPTIONS>;
  readonly names: WalletNames;
}

function readAsked(values: Values<typeof OPTIONS>, names: WalletNames): Asked {
  const deadline = values["valid-until"];
  const bounds = { what: `${NAME}: --valid-until`, min: 1, max: Number.MAX_SAFE_INTEGER };
  return {
    from: readWallet(`${NAME}: --from`, given("from", values.from), names),
    id: readId(`${NAME}: --id`, given("id", values.id)),
    validUntil: deadline === undefined ? undefined : parseWhole(deadline, bounds),
  };
}

async function cancelAsked(
  terminal: Terminal,
  network: NetworkAccess,
  { asked, values, names }: Request,
): Promise<number> {
  const { from, id } = asked;
  const members = membersFor(NAME, network, values.node);
  const wallet = await ownWallet(NAME, values, network.trust.networkId, from);
  if (wallet === undefined) {
    throw new CommandError(
      `${NAME}: the key of ${from} is not in ${values.wallets}, and only it can cancel a payment; see wallet list, and --wallets DIR`,
    );
  }
  const kept = new KeptRequests(NAME, values.wallets);
  const keptDeadline = await kept.deadlineOf(from, id);
  const payment = { wallet, id, validUntil: keptDeadline ?? asked.validUntil };
  // The id, because a name may be given to another wallet before that command runs.
  const again = commandAgain(NAME, OPTIONS, { ...values, from });
  const order: Named = { command: NAME, what: "cancellation", id, again };
  const cancelled = isOver(network, payment)
    ? undefined
    : await settle(terminal, network, { members, payment, order });
  const settled = cancelled ?? (await look(network, { members, payment, order }));
  await kept.settle(from, id);
  if ("void" in settled) return tellVoid(terminal, id, settled.void);
  return tell(terminal, { genesis: network.genesis, names }, settled);
}

function given(name: "from" | "id", value: string | undefined): string {
  if (value !== undefined) return value;
  throw usage(`${NAME}: --${name} ${OPTIONS[name].value} is missing: ${OPTIONS[name].summary}`);
}

interface Named {
  readonly command: typeof NAME;
  readonly what: "cancellation";
  readonly id: OperationId;
  readonly again: string;
}

/** By this clock no block can order the payment any more. */
function isOver({ genesis }: NetworkAccess, { validUntil }: NamedPayment): boolean {
  return validUntil !== undefined && Date.now() > validUntil + genesis.timings.graceMs;
}

/** Undefined if the cancellation was ordered when the payment could be ordered no more, and says nothing about it. */
async function settle(
  terminal: Terminal,
  { trust, genesis: { timings } }: NetworkAccess,
  { members, payment, order }: { members: readonly Member[]; payment: NamedPayment; order: Named },
): Promise<SettledPayment | undefined> {
  announce(terminal, order);
  const { wallet } = payment;
  const request = cancellationOf({ timings, wallet, payment, now: Date.now() });
  const { answer } = await placeOrder(terminal, {
    ...order,
    until: "sealed",
    members,
    call: (calls) => calls.cancelTransaction({ ...request, wait: Wait.SEALED }),
    mayHaveLeft: false,
  }).catch((error: unknown) => {
    throw isRefused(error) ? stillUnknown(error) : error;
  });
  const outcome = outcomeOf({ trust, timings }, { from: wallet.id, ...payment }, answer);
  const json = toJson(CancelTransactionResponseSchema, answer, { alwaysEmitImplicit: true });
  if ("valid" in outcome) {
    throw new OutcomeUnknown(
      order,
      `the node's answer does not prove itself: ${outcome.field} ${outcome.problem}`,
    );
  }
  return outcome.outcome === "unproven" ? undefined : { answer: json as JsonObject, outcome };
}

function isRefused(error: unknown): error is CommandError {
  return error instanceof CommandError && error.exitCode === EXIT.refused;
}

/** A refusal is about the cancellation. Without a word on the payment it reads as if nothing had been paid. */
function stillUnknown({ message, exitCode, details }: CommandError): CommandError {
  const more = "The outcome of the payment is as unknown as before; do not pay again";
  return new CommandError(`${message} ${more}`, exitCode, details);
}

interface VoidPayment {
  /** The members that say so. */
  readonly void: readonly string[];
}

/** The payment is over: a node shows its receipt, or enough nodes say that there is none. */
async function look(
  network: NetworkAccess,
  { members, payment, order }: { members: readonly Member[]; payment: NamedPayment; order: Named },
): Promise<SettledPayment | VoidPayment> {
  const found = await findOutcome(network, members, payment);
  if (found !== undefined) return found;
  const { wallet, id, validUntil = 0 } = payment;
  const saying = await findVoid(network, { wallet, id, validUntil });
  if (saying === undefined) {
    throw new OutcomeUnknown(
      order,
      "the payment's deadline is past, no node shows a receipt, and too few nodes say that there is none",
    );
  }
  return { void: saying };
}

function tellVoid(terminal: Terminal, id: OperationId, saying: readonly string[]): number {
  terminal.answer({
    value: { outcome: "void", id, according: saying },
    text: `payment ${id} is void: it was not made by its deadline and can no longer be made, according to ${saying.join(", ")}. Nothing was paid`,
  });
  return EXIT.ok;
}

function tell(
  terminal: Terminal,
  { genesis, names }: Pick<NetworkAccess, "genesis"> & Pick<Request, "names">,
  { answer, outcome }: SettledPayment,
): number {
  const summary = formatNamed(summarizeReceipt(genesis, outcome.receipt), names);
  const value = { outcome: outcome.outcome, answer };
  switch (outcome.outcome) {
    case "applied":
      terminal.answer({ value, text: `the payment was made before, and stands\n${summary}` });
      // A code that no failure of this command has: a script that reads it takes the payment for made.
      return EXIT.declined;
    case "declined":
      terminal.answer({
        value,
        text: `the payment was declined before: nothing was paid\n${summary}`,
      });
      return EXIT.ok;
    case "never": {
      const { earliest, latest } = outcome.covers;
      const range = `${formatTime(earliest)} to ${formatTime(latest)}`;
      const covers = { earliest: `${earliest}`, latest: `${latest}` };
      const text = `the payment is never made: this holds for each payment under the id with a deadline from ${range}`;
      terminal.answer({ value: { ...value, covers }, text: `${text}\n${summary}` });
      return EXIT.ok;
    }
    default:
      return unreachable(outcome);
  }
}
