/** `countersign transfer`: makes a payment, and checks its receipt before it reports success. */
import { toJson } from "@bufbuild/protobuf";
import { TransactionResponseSchema } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { Wait } from "../../gen/countersign/v1/types_pb.ts";
import { readRefusal } from "../transport/errors.ts";
import { commandAgain } from "./again.ts";
import { usage } from "./arguments.ts";
import { askFirst } from "./calls.ts";
import { CommandError, EXIT, type Values } from "./command.ts";
import { defineCommand } from "./define-command.ts";
import { KeptRequests, type KeptTransfer } from "./kept-requests.ts";
import {
  type Member,
  membersFor,
  NETWORK_OPTIONS,
  type NetworkAccess,
  NODE_OPTION,
  openNetwork,
} from "./network-access.ts";
import { announce, OutcomeUnknown, placeOrder } from "./order.ts";
import { judgeAnswer } from "./order-outcome.ts";
import { ownWallet } from "./own-wallet.ts";
import { findOutcome } from "./payment-receipt.ts";
import { readAsset } from "./read-amount.ts";
import { formatNamed } from "./receipt-summary.ts";
import type { Terminal } from "./terminal.ts";
import { payFile } from "./transfer-file.ts";
import {
  type AskedTransfer,
  denominate,
  isAskedTransfer,
  readTransfer,
  TRANSFER_OPTIONS,
  unsignedTransfer,
} from "./transfer-terms.ts";
import { findVoid } from "./void-order.ts";
import { readWallet } from "./wallet-argument.ts";
import { WALLET_KEY_OPTIONS } from "./wallet-keys.ts";
import { WalletNames } from "./wallet-names.ts";

const NAME = "transfer";

const OPTIONS = {
  ...TRANSFER_OPTIONS,
  file: {
    kind: "text",
    value: "FILE",
    summary: "many payments: CSV with the columns to, amount and, if wanted, reference and id",
  },
  wait: {
    kind: "text",
    value: "UNTIL",
    summary: "wait until the result is final, or until it is sealed too",
    choices: ["final", "sealed"],
  },
  ...NODE_OPTION,
  ...WALLET_KEY_OPTIONS,
  ...NETWORK_OPTIONS,
} as const;

export const transfer = defineCommand({
  name: NAME,
  example:
    "countersign transfer --from 0f8e1c52-3a77-8b1e-9d2c-5c1f0e4b7a90 --to 7d3b9f10-64c2-8e5a-a1b7-2f9c8d0e6b43 --amount 25 --reference lunch",
  details:
    "The key in --wallets signs the payment; without it, the node that keeps the payer's " +
    "key signs. The payment's id is printed before anything is sent, and the signed " +
    "payment is kept in --wallets until its outcome is proved. Exit code 3: the payment " +
    "was ordered and declined. Exit code 5: its outcome is unknown; run the command in " +
    "the message to continue the same payment. Without --wait, the command waits for the " +
    "seal as long as one can come. If the payment is final without a seal, it stands: " +
    "the exit code is 0 (8 with --wait sealed), and a line says why the seal is missing " +
    "and how to get it later. With --file, all payments of the file are signed with the key in " +
    "--wallets into FILE.signed before any is sent, and go over streams; the same command " +
    "continues after an interruption, and pays nothing twice. Its exit code is that of the " +
    "worst outcome: 5 before 4 before 3.",
  operands: [],
  options: OPTIONS,
  run: async ({ values }, terminal) => {
    if (values.file !== undefined) return await transferFile(values, values.file, terminal);
    const names = WalletNames.read(NAME, values);
    const asked = readTransfer(NAME, values, names);
    const network = openNetwork(NAME, values);
    try {
      const terms = denominate(NAME, network.genesis, asked);
      const named = membersFor(NAME, network, values.node);
      const kept = new KeptRequests(NAME, values.wallets);
      const signed = await signHere(network, terms, values, kept);
      // Ids, because a name may be given to another wallet before that command runs.
      const { id, from, to } = terms;
      const again = commandAgain(NAME, OPTIONS, { ...values, id, from, to });
      const order = { command: NAME, what: "payment", id: terms.id, again } as const;
      announce(terminal, order);
      const wait = values.wait === "final" ? Wait.FINAL : Wait.SEALED;
      const hasDeadline = values["valid-until"] !== undefined;
      const request = { ...(signed?.request ?? unsignedTransfer(terms, hasDeadline)), wait };
      const members =
        signed === undefined && values.node === undefined
          ? await custodianFirst(network, terms.from)
          : named;
      const { answer } = await placeOrder(terminal, {
        ...order,
        until: values.wait === "final" ? "final" : "sealed",
        members,
        call: (calls) => calls.transaction(request),
        mayHaveLeft: signed?.isRepeated ?? false,
      }).catch(async (error: unknown) => {
        throw signed === undefined ? error : await ended(network, terms, { error, signed, kept });
      });
      const outcome = judgeAnswer(network, answer, isAskedTransfer(terms));
      if (typeof outcome === "string") throw new OutcomeUnknown(order, outcome);
      if (signed !== undefined) await kept.settle(terms.from, terms.id);
      const value = toJson(TransactionResponseSchema, answer, { alwaysEmitImplicit: true });
      const { lines, exitCode, unsealed } = outcome;
      terminal.answer({ value, text: formatNamed(lines, names) });
      if (unsealed === undefined || wait === Wait.FINAL) return exitCode;
      terminal.note(`${NAME}: ${unsealed}`);
      // Without --wait, the exit code stays 0: a caller that reads another code as a failed payment might pay again.
      return exitCode === EXIT.ok && values.wait === "sealed" ? EXIT.unsealed : exitCode;
    } finally {
      network.close();
    }
  },
});

/** The options that a file has in its columns, or that it chooses for all payments. */
const OF_ONE_PAYMENT = ["to", "amount", "id", "reference", "valid-until"] as const;

async function transferFile(
  values: Values<typeof OPTIONS>,
  file: string,
  terminal: Terminal,
): Promise<number> {
  const other = OF_ONE_PAYMENT.find((name) => values[name] !== undefined);
  if (other !== undefined) {
    throw usage(`${NAME}: --${other} is for one payment, and --file for those of a file`);
  }
  if (values.from === undefined)
    throw usage(`${NAME}: --from WALLET is missing: the paying wallet`);
  const names = WalletNames.read(NAME, values);
  const from = readWallet(`${NAME}: --from`, values.from, names);
  const network = openNetwork(NAME, values);
  try {
    const asset = readAsset(NAME, network.genesis, values.asset);
    const members = membersFor(NAME, network, values.node);
    const wallet = await ownWallet(NAME, values, network.trust.networkId, from);
    if (wallet === undefined) {
      throw new CommandError(
        `${NAME}: the key of ${from} is not in ${values.wallets}, and the payments of a file are signed here; see wallet list, and --wallets DIR`,
      );
    }
    const { value, text, exitCode } = await payFile(terminal, {
      command: NAME,
      ...{ file, network, members, wallet, asset, names },
      until: values.wait === "final" ? "final" : "sealed",
      again: commandAgain(NAME, OPTIONS, { ...values, from }),
    });
    terminal.answer({ value, text });
    return exitCode === EXIT.unsealed && values.wait !== "sealed" ? EXIT.ok : exitCode;
  } finally {
    network.close();
  }
}

/** Undefined if the payer's key is not here. */
async function signHere(
  network: NetworkAccess,
  terms: AskedTransfer,
  values: Values<typeof WALLET_KEY_OPTIONS>,
  kept: KeptRequests,
): Promise<KeptTransfer | undefined> {
  const wallet = await ownWallet(NAME, values, network.trust.networkId, terms.from);
  return wallet === undefined ? undefined : await kept.sign(wallet, terms);
}

/** Reports a payment without a receipt. Its signed bytes are removed only when they can no longer be ordered. */
async function ended(
  network: NetworkAccess,
  { from, id }: AskedTransfer,
  { error, signed, kept }: { error: unknown; signed: KeptTransfer; kept: KeptRequests },
): Promise<unknown> {
  const validUntil = signed.request.transaction?.validUntil ?? 0n;
  if (error instanceof OutcomeUnknown && error.refusal?.reason === "PAYMENT_CANCELLED") {
    const payment = { wallet: signed.wallet, id, validUntil: Number(validUntil) };
    const found = await findOutcome(network, network.members, payment);
    if (found?.outcome.outcome !== "never") return error;
    await kept.settle(from, id);
    return new CommandError(
      `${NAME}: payment ${id} was cancelled, and is never made; countersign receipt get --from ${from} --id ${id} brings the proof. To pay after all, choose a new id`,
      EXIT.refused,
      { outcome: "never", id },
    );
  }
  const isPast = BigInt(Date.now()) > validUntil;
  const isRefused = error instanceof CommandError && error.exitCode === EXIT.refused;
  // A refusal is the word of one gateway, which may have passed the payment on all the same. The bytes are kept;
  // otherwise the same command would sign a second payment under the same id.
  if ((error instanceof OutcomeUnknown && error.refusal !== undefined) || (isRefused && isPast)) {
    const saying = await findVoid(network, {
      wallet: signed.wallet,
      id,
      validUntil: Number(validUntil),
    });
    if (saying === undefined) return error;
    await kept.settle(from, id);
    return new CommandError(
      `${NAME}: payment ${id} is void: it was not made by its deadline and can no longer be made, according to ${saying.join(", ")}. ` +
        "Nothing was paid; the same command signs it again",
      EXIT.refused,
      { outcome: "void", id },
    );
  }
  return error;
}

/** Only the custodian can sign. If there is none, any node answers that the signature is missing. */
async function custodianFirst(network: NetworkAccess, from: string): Promise<readonly Member[]> {
  const { answer } = await askFirst(NAME, network.members, (calls) =>
    calls.getWallet({ id: from }).catch((error: unknown) => {
      if (readRefusal(error)?.reason === "UNKNOWN_WALLET") return undefined;
      throw error;
    }),
  );
  const custodian = answer?.wallet?.custodian;
  const keeper = network.members.filter(({ id }) => id === custodian);
  return keeper.length > 0 ? keeper : network.members;
}
