/** `countersign wallet create`: a wallet whose key stays here, or one that a node keeps the key of. */
import { type MessageInitShape, toJson } from "@bufbuild/protobuf";
import {
  type WalletCreationRequestSchema,
  WalletCreationResponseSchema,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import { askFirst } from "./calls.ts";
import { CommandError, EXIT } from "./command.ts";
import { defineCommand } from "./define-command.ts";
import { readId } from "./ids.ts";
import { formatMoney, readAmount } from "./money.ts";
import {
  type Member,
  membersFor,
  NETWORK_OPTIONS,
  type NetworkAccess,
  NODE_OPTION,
  openNetwork,
} from "./network-access.ts";
import { checkOutcome } from "./outcome.ts";
import { type KeptWallet, WALLET_KEY_OPTIONS, WalletKeys } from "./wallet-keys.ts";

const NAME = "wallet create";
/** Long enough for a slow network, short enough that a lost creation ends soon. */
const LIFETIME_MS = 120_000;

type Request = MessageInitShape<typeof WalletCreationRequestSchema>;

export const walletCreate = defineCommand({
  name: NAME,
  example: "countersign wallet create --initial-balance 1000",
  details:
    "The key is kept before the network hears of the wallet. Money can be created with it where the node may issue. " +
    "When no answer came, the same command with --resume WALLET asks for the same wallet again.",
  operands: [],
  options: {
    "initial-balance": {
      kind: "text",
      value: "MINOR",
      summary: "money that is created with it, minor units",
      fallback: "0",
    },
    asset: { kind: "text", value: "CODE", summary: "its currency (default: the network's first)" },
    custodial: { kind: "flag", summary: "the node keeps the key and signs for it" },
    resume: { kind: "text", value: "WALLET", summary: "ask again for a wallet whose key is here" },
    ...NODE_OPTION,
    ...WALLET_KEY_OPTIONS,
    ...NETWORK_OPTIONS,
  },
  run: async ({ values }, terminal) => {
    const initialBalance = readAmount(`${NAME}: --initial-balance`, values["initial-balance"]);
    const network = openNetwork(NAME, values);
    try {
      const asset = values.asset ?? network.genesis.assets[0]?.code ?? "";
      const kept = values.custodial ? undefined : await ownWallet(network, values);
      const wallet = kept?.wallet;
      const request = requestOf(kept, { asset, initialBalance });
      const member = await firstReachable(network, values.node);
      const again = wallet === undefined ? "make another one" : `--resume ${wallet.id}`;
      const { answer } = await askFirst(
        NAME,
        [member],
        (calls) => calls.walletCreation(request),
        again,
      );
      const { text, exitCode, unsealed } = checkOutcome(NAME, network, answer, (operation) => {
        return (
          operation.kind === "walletCreation" &&
          operation.asset === asset &&
          (operation.initialBalance ?? 0n) === initialBalance &&
          (wallet === undefined || operation.id === wallet.creationId)
        );
      });
      const holds = formatMoney(network.genesis, asset, initialBalance);
      const keeper =
        wallet === undefined ? `${member.id} keeps its key` : `its key is in ${values.wallets}`;
      const made =
        exitCode === EXIT.ok ? `${answer.creation?.walletId} holds ${holds}; ${keeper}\n\n` : "";
      terminal.answer({
        value: toJson(WalletCreationResponseSchema, answer, { alwaysEmitImplicit: true }),
        text: `${made}${text}`,
      });
      if (unsealed !== undefined) terminal.note(`${NAME}: ${unsealed}`);
      return exitCode;
    } finally {
      network.close();
    }
  },
});

async function ownWallet(
  { trust: { networkId } }: NetworkAccess,
  values: {
    readonly wallets: string;
    readonly "passphrase-file": string | undefined;
    readonly resume: string | undefined;
  },
): Promise<KeptWallet | undefined> {
  const keys = await WalletKeys.open(NAME, values, true);
  try {
    if (values.resume === undefined) {
      return await keys?.create(networkId, Date.now() + LIFETIME_MS);
    }
    const id = readId(`${NAME}: --resume`, values.resume);
    const kept = await keys?.load(networkId, id);
    if (kept !== undefined) return kept;
    throw new CommandError(
      `${NAME}: the key of ${id} is not in ${values.wallets}; see wallet list, and --wallets DIR`,
    );
  } finally {
    await keys?.close();
  }
}

function requestOf(
  kept: KeptWallet | undefined,
  terms: { readonly asset: string; readonly initialBalance: bigint },
): Request {
  if (kept === undefined) return terms;
  const { wallet, createdUntil: validUntil } = kept;
  const { publicKey, creationId } = wallet;
  // With money the node signs, as issuer; without, the wallet's own key does.
  if (terms.initialBalance > 0n) return { ...terms, publicKey, creationId };
  return wallet.create({ asset: terms.asset, validUntil });
}

/** What a node signs it must be asked for again: another one would sign something else. */
async function firstReachable(network: NetworkAccess, node: string | undefined): Promise<Member> {
  const members = membersFor(NAME, network, node);
  const { member } = await askFirst(NAME, members, (calls) => calls.getStatus({}));
  return member;
}
