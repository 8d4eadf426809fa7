/** `countersign wallet create`: creates a wallet whose key stays here, or one whose key a node keeps. */
import { type MessageInitShape, toJson } from "@bufbuild/protobuf";
import {
  type WalletCreationRequestSchema,
  type WalletCreationResponse,
  WalletCreationResponseSchema,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import type { KeptWallet } from "../client/wallet-folder.ts";
import { formatMoney } from "../ledger/money.ts";
import type { OperationId } from "../primitives/ids.ts";
import type { Operation } from "../primitives/operation-kinds.ts";
import { commandAgain } from "./again.ts";
import { usage } from "./arguments.ts";
import { askFirst } from "./calls.ts";
import { CommandError, EXIT, type Values } from "./command.ts";
import { defineCommand } from "./define-command.ts";
import { randomId, readId } from "./id-arguments.ts";
import {
  type Member,
  membersFor,
  NETWORK_OPTIONS,
  type NetworkAccess,
  NODE_OPTION,
  openNetwork,
} from "./network-access.ts";
import { announce, ORDER_LIFETIME_MS, OutcomeUnknown, placeOrder } from "./order.ts";
import { judgeAnswer } from "./order-outcome.ts";
import { readAmount, readMoney } from "./read-amount.ts";
import { formatNamed } from "./receipt-summary.ts";
import { readWallet } from "./wallet-argument.ts";
import { openWalletKeys, WALLET_KEY_OPTIONS } from "./wallet-keys.ts";
import { WalletNames } from "./wallet-names.ts";

const NAME = "wallet create";
/**
 * A creation near its deadline gets a new deadline. That is safe, because it moves no money and a wallet is created
 * only once.
 */
const TIME_LEFT_MS = 10_000;

type Request = MessageInitShape<typeof WalletCreationRequestSchema>;

const OPTIONS = {
  "initial-balance": {
    kind: "text",
    value: "AMOUNT",
    summary:
      'money to create in the wallet: with its currency, such as "10.00 EUR", or in minor units',
    fallback: "0",
  },
  asset: { kind: "text", value: "CODE", summary: "its currency (default: the network's first)" },
  custodial: { kind: "flag", summary: "the node keeps the key and signs for it" },
  id: {
    kind: "text",
    value: "UUID",
    summary: "with --custodial: the creation's id; the same id again is the same wallet",
  },
  resume: { kind: "text", value: "WALLET", summary: "ask again for a wallet whose key is here" },
  ...NODE_OPTION,
  ...WALLET_KEY_OPTIONS,
  ...NETWORK_OPTIONS,
} as const;

/** A requested creation. */
interface Asked {
  readonly what: "wallet" | "creation";
  readonly id: string;
  readonly creationId: OperationId;
  readonly request: Request;
  /** Options of the command that continues it. */
  readonly continued: Partial<Values<typeof OPTIONS>>;
}

export const walletCreate = defineCommand({
  name: NAME,
  example: "countersign wallet create --initial-balance 1000",
  details:
    "The key is stored before anything is sent. --initial-balance needs a node that may " +
    "create money. The wallet's id is printed first; if no outcome arrives, the message " +
    "names the command that asks for the same wallet again.",
  operands: [],
  options: OPTIONS,
  run: async ({ values }, terminal) => {
    const names = WalletNames.read(NAME, values);
    const option = `${NAME}: --initial-balance`;
    const asked = readAmount(option, values["initial-balance"]);
    const network = openNetwork(NAME, values);
    try {
      const money = readMoney(NAME, network.genesis, { what: option, given: values.asset, asked });
      const { asset, amount: initialBalance } = money;
      const terms = { asset, initialBalance };
      const creation = values.custodial
        ? custodial(values, terms)
        : await ownWallet(network, { values, names }, terms);
      const { what, id, creationId, request, continued } = creation;
      const again = (more: typeof continued) =>
        commandAgain(NAME, OPTIONS, { ...values, ...continued, ...more });
      const named = { command: NAME, what, id } as const;
      announce(terminal, { ...named, again: again({}) });
      const member = await firstReachable(network, values.node);
      // A request for a node's signature must be repeated at the same node: another node would sign another creation.
      const order = { ...named, again: again({ node: member.id }) };
      const { answer } = await placeOrder(terminal, {
        ...order,
        until: "sealed",
        members: [member],
        call: (calls) => calls.walletCreation(request),
        mayHaveLeft: false,
      });
      const isAsked = (operation: Operation) =>
        operation.kind === "walletCreation" &&
        operation.asset === asset &&
        (operation.initialBalance ?? 0n) === initialBalance &&
        operation.id === creationId;
      const outcome = judgeAnswer(network, answer, isAsked);
      if (typeof outcome === "string") throw new OutcomeUnknown(order, outcome);
      const holds = formatMoney(network.genesis, asset, initialBalance);
      const keeper = values.custodial
        ? `${member.id} keeps its key`
        : `its key is in ${values.wallets}`;
      const text = formatNamed(outcome.lines, names);
      terminal.answer(toAnswer(answer, { ...outcome, text }, `holds ${holds}; ${keeper}`));
      if (outcome.unsealed !== undefined) terminal.note(`${NAME}: ${outcome.unsealed}`);
      return outcome.exitCode;
    } finally {
      network.close();
    }
  },
});

function toAnswer(
  answer: WalletCreationResponse,
  { text, exitCode }: { readonly text: string; readonly exitCode: number },
  made: string,
) {
  const line = exitCode === EXIT.ok ? `${answer.creation?.walletId} ${made}\n\n` : "";
  return {
    value: toJson(WalletCreationResponseSchema, answer, { alwaysEmitImplicit: true }),
    text: `${line}${text}`,
  };
}

interface Terms {
  readonly asset: string;
  readonly initialBalance: bigint;
}

/** The node signs. The id is chosen here, so that a repeated request is the same creation. */
function custodial(values: Values<typeof OPTIONS>, terms: Terms): Asked {
  if (values.resume !== undefined) {
    throw usage(`${NAME}: --resume is for a wallet whose key is here; with --custodial give --id`);
  }
  const id = values.id === undefined ? randomId() : readId(`${NAME}: --id`, values.id);
  const request = { ...terms, creationId: id };
  return { what: "creation", id, creationId: id, request, continued: { id } };
}

interface Given {
  readonly values: Values<typeof OPTIONS>;
  readonly names: WalletNames;
}

async function ownWallet(
  network: NetworkAccess,
  { values, names }: Given,
  terms: Terms,
): Promise<Asked> {
  if (values.id !== undefined) {
    throw usage(`${NAME}: --id is for --custodial; use --resume for a wallet whose key is here`);
  }
  const kept = await keptWallet(network, { values, names });
  const { id, creationId } = kept.wallet;
  const request = requestOf(kept, terms);
  return { what: "wallet", id, creationId, request, continued: { resume: id } };
}

async function keptWallet(
  { trust: { networkId } }: NetworkAccess,
  { values, names }: Given,
): Promise<KeptWallet> {
  const isNew = values.resume === undefined;
  const keys = await openWalletKeys(NAME, values, isNew);
  try {
    if (isNew && keys !== undefined)
      return await keys.create(networkId, Date.now() + ORDER_LIFETIME_MS);
    const id = readWallet(`${NAME}: --resume`, values.resume ?? "", names);
    const kept = await keys?.load(networkId, id);
    if (kept !== undefined) return kept;
    throw new CommandError(
      `${NAME}: the key of ${id} is not in ${values.wallets}; see wallet list, and --wallets DIR`,
    );
  } finally {
    await keys?.close();
  }
}

function requestOf({ wallet, createdUntil }: KeptWallet, terms: Terms): Request {
  const { publicKey, creationId } = wallet;
  // With money, the node signs as issuer. Without, the wallet's own key signs.
  if (terms.initialBalance > 0n) return { ...terms, publicKey, creationId };
  const isOver = createdUntil < Date.now() + TIME_LEFT_MS;
  const validUntil = isOver ? Date.now() + ORDER_LIFETIME_MS : createdUntil;
  return wallet.create({ asset: terms.asset, validUntil });
}

async function firstReachable(network: NetworkAccess, node: string | undefined): Promise<Member> {
  const members = membersFor(NAME, network, node);
  const { member } = await askFirst(NAME, members, (calls) => calls.getStatus({}));
  return member;
}
