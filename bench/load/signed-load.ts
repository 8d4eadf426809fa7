/** The operations of a load, encoded and signed before it begins; and the wallets that make them. */
import { create, toBinary } from "@bufbuild/protobuf";
import {
  LedgerService,
  TransactionRequestSchema,
  type WalletCreationRequest,
  WalletCreationRequestSchema,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import { Wait } from "../../gen/countersign/v1/types_pb.ts";
import { Wallet } from "../../src/client/wallet.ts";
import { entropy, sha256, signingKeyOf } from "../../src/node/base/crypto.ts";
import { amount } from "../../src/primitives/amount.ts";
import { type NetworkId, type OperationId, uuidFromDigest } from "../../src/primitives/ids.ts";
import type { RawCall } from "./call-connection.ts";
import type { LoadPlan } from "./load-plan.ts";

/** A request with the call that carries it. */
export interface PreparedCall extends RawCall {
  readonly kind: "transfer" | "creation";
  /** The id of the operation. */
  readonly id: OperationId;
  /** A transfer in its canonical bytes with its signature, for streams. */
  readonly operation?: Uint8Array;
}

/** The asset of all wallets, and the network that signatures are for. */
export interface LoadNetwork {
  readonly networkId: NetworkId;
  readonly asset: string;
}

const SERVICE = `/${LedgerService.typeName}`;
const TRANSFER_PATH = `${SERVICE}/${LedgerService.method.transaction.name}`;
const CREATION_PATH = `${SERVICE}/${LedgerService.method.walletCreation.name}`;
/** Enough for every payment of a wallet, so that none is declined. */
const BALANCE = 1_000_000_000n;
const LIFETIME_MS = 600_000;

/** A wallet whose key stays here, and the call that creates it with money that the gateway issues. */
export function prepareWallet({ networkId, asset }: LoadNetwork): {
  readonly wallet: Wallet;
  readonly call: PreparedCall;
} {
  const key = signingKeyOf(entropy(32));
  const creationId = uuidFromDigest(entropy(32));
  const wallet = new Wallet({ networkId, hash: sha256, key, creationId });
  const request = create(WalletCreationRequestSchema, {
    initialBalance: BALANCE,
    asset,
    publicKey: key.publicKey,
    creationId,
    wait: Wait.FINAL,
  });
  return { wallet, call: creationCall(request, creationId) };
}

/** The operations of a plan in the order in which they are sent. */
export function signLoad(
  plan: Pick<LoadPlan, "operations" | "pattern" | "creationEvery" | "by">,
  network: LoadNetwork,
  wallets: readonly Wallet[],
): PreparedCall[] {
  const { operations, pattern, creationEvery, by } = plan;
  const validUntil = Date.now() + LIFETIME_MS;
  return Array.from({ length: operations }, (_, i) => {
    if (creationEvery !== undefined && i % creationEvery === creationEvery - 1) {
      return fundedCreation(network);
    }
    const { from, to } = partiesOf(pattern, i, wallets.length);
    const [payer, payee] = [wallets[from], wallets[to]];
    if (payer === undefined || payee === undefined) throw new Error("two wallets at least");
    return signedTransfer(payer, payee, { asset: network.asset, validUntil, by });
  });
}

/** The places of the two wallets of the payment with number `i`; never the same. */
export function partiesOf(
  pattern: LoadPlan["pattern"],
  i: number,
  wallets: number,
): { readonly from: number; readonly to: number } {
  if (pattern === "hot") {
    const other = 1 + (Math.floor(i / 2) % (wallets - 1));
    return i % 2 === 0 ? { from: other, to: 0 } : { from: 0, to: other };
  }
  const from = i % wallets;
  // In each round every wallet pays the one that is a step farther.
  const step = 1 + (Math.floor(i / wallets) % (wallets - 1));
  return { from, to: (from + step) % wallets };
}

function signedTransfer(
  payer: Wallet,
  payee: Wallet,
  {
    by,
    ...terms
  }: { readonly asset: string; readonly validUntil: number; readonly by: LoadPlan["by"] },
): PreparedCall {
  const id = uuidFromDigest(entropy(32));
  const whole = { id, to: payee.id, amount: amount(1n), ...terms };
  if (by === "streams") {
    const none = { path: "", body: Buffer.alloc(0) };
    return { kind: "transfer", id, ...none, operation: payer.transferBytes(whole) };
  }
  const message = { ...payer.transfer(whole), wait: Wait.SEALED };
  const body = Buffer.from(toBinary(TransactionRequestSchema, message));
  return { kind: "transfer", id, path: TRANSFER_PATH, body };
}

/** The gateway signs it as issuer, because only issuers may create money. */
function fundedCreation({ asset }: LoadNetwork): PreparedCall {
  const creationId = uuidFromDigest(entropy(32));
  const { publicKey } = signingKeyOf(entropy(32));
  const terms = { initialBalance: 1n, asset, publicKey, creationId, wait: Wait.SEALED };
  return creationCall(create(WalletCreationRequestSchema, terms), creationId);
}

function creationCall(request: WalletCreationRequest, id: OperationId): PreparedCall {
  const body = Buffer.from(toBinary(WalletCreationRequestSchema, request));
  return { kind: "creation", id, path: CREATION_PATH, body };
}
