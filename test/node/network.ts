/** Tools shared by tests of a whole network: waits, wallets whose owners keep the key, decoded refusals, agreement. */
import { Code, ConnectError } from "@connectrpc/connect";
import { expect } from "vitest";
import type { GetStatusResponse } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { type Receipt, Wait } from "../../gen/countersign/v1/types_pb.ts";
import { networkIdOf } from "../../src/ledger/genesis.ts";
import { type SigningKey, sha256, verify } from "../../src/node/base/crypto.ts";
import { amount } from "../../src/primitives/amount.ts";
import { toHex } from "../../src/primitives/bytes.ts";
import { type NetworkId, parseUuid, type Uuid } from "../../src/primitives/ids.ts";
import { height } from "../../src/primitives/numbers.ts";
import { encodeOperation } from "../../src/primitives/operation.ts";
import type { Transfer } from "../../src/primitives/operations/transfer.ts";
import type { WalletCreation } from "../../src/primitives/operations/wallet-creation.ts";
import { readRefusal } from "../../src/transport/errors.ts";
import type { Refusal } from "../../src/transport/refusal.ts";
import { Cluster, type ClusterOptions } from "../support/cluster.ts";
import { namedSigningKey, randomUuid } from "../support/operations.ts";

/** Ends what hangs: longer than any wait here on a machine that is ten times as busy. */
const PATIENCE_MS = 60_000;

/**
 * On an idle core, four nodes make a key and a first seal in less than two seconds. With a quarter of a core they
 * time one another out and start over, and it has taken 36 s.
 */
export const SETUP_MS = 75_000;

/** Repeats `look` until it gives a value; at the end throws the last error. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false>,
  patienceMs = PATIENCE_MS,
) {
  const end = Date.now() + patienceMs;
  let last: unknown;
  while (Date.now() < end) {
    try {
      const found = await look();
      if (found !== undefined && found !== false) return found;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`waited in vain for: ${what}`, { cause: last });
}

/** A network that seals: the group key is final on every node. */
export async function startNetwork(options: ClusterOptions = {}): Promise<Cluster> {
  const cluster = await Cluster.start(options);
  try {
    await untilKey(cluster);
  } catch (error) {
    // Its nodes would otherwise run beside the tests that follow.
    await cluster.stop();
    throw error;
  }
  return cluster;
}

/** All nodes run, know the group key as final, and have the first seal. */
export async function untilKey(cluster: Cluster): Promise<void> {
  const hasKey = async () => {
    const all = await statuses(cluster);
    const sealed = all.every(({ keyFinal, sealedHeight }) => keyFinal && sealedHeight > 0n);
    return all.length === cluster.size && sealed;
  };
  await until("the group key on every node", hasKey, SETUP_MS);
}

/** Stops the network, if it started; a node that failed on the way fails the test. */
export async function stopNetwork(cluster: Cluster | undefined): Promise<void> {
  if (cluster === undefined) return;
  await cluster.stop();
  expect(cluster.failures).toEqual([]);
}

export function running(cluster: Cluster): number[] {
  return Array.from({ length: cluster.size }, (_, i) => i).filter((i) => cluster.isRunning(i));
}

export function statuses(cluster: Cluster): Promise<GetStatusResponse[]> {
  return Promise.all(running(cluster).map((i) => cluster.client(i).getStatus({})));
}

export function networkOf(cluster: Cluster): NetworkId {
  return networkIdOf(sha256, cluster.genesis);
}

/** A wallet whose owner keeps the key. */
export interface Owned {
  readonly id: Uuid;
  readonly signer: SigningKey;
}

export interface WalletPlan {
  readonly balance?: bigint;
  readonly asset?: string;
  readonly creationId?: Uuid;
}

/** A wallet for a new key of its owner; `gateway` creates its money as issuer. */
export async function issue(
  cluster: Cluster,
  gateway: number,
  { balance = 1n, ...plan }: WalletPlan = {},
): Promise<Owned> {
  const signer = namedSigningKey(randomUuid());
  const { publicKey } = signer;
  const { wallet } = await cluster
    .client(gateway)
    .walletCreation({ initialBalance: balance, publicKey, ...plan, wait: Wait.FINAL });
  return { id: uuidOf(wallet), signer };
}

/** A wallet whose key `gateway` keeps. */
export async function openCustodial(
  cluster: Cluster,
  gateway: number,
  { balance = 0n, ...plan }: WalletPlan = {},
): Promise<Uuid> {
  const { wallet } = await cluster
    .client(gateway)
    .walletCreation({ initialBalance: balance, ...plan, wait: Wait.FINAL });
  return uuidOf(wallet);
}

function uuidOf(wallet: { readonly id: string } | undefined): Uuid {
  return parseUuid(wallet?.id ?? "") ?? expect.fail("no wallet was created");
}

export interface TransferPlan {
  readonly from: Owned;
  readonly to: Uuid;
  /** "EUR" by default. */
  readonly asset?: string;
  readonly amount: bigint;
  readonly id?: Uuid;
  readonly validUntil?: number;
  readonly reference?: string;
  /** Signs in place of the owner. */
  readonly by?: SigningKey;
  /** The network id to sign for, if not that of the cluster. */
  readonly network?: NetworkId;
}

export function transferOf({ from, to, ...plan }: TransferPlan): Transfer {
  return {
    kind: "transfer",
    author: from.signer.publicKey,
    id: plan.id ?? randomUuid(),
    validUntil: plan.validUntil ?? Date.now() + 60_000,
    from: from.id,
    to,
    asset: plan.asset ?? "EUR",
    amount: amount(plan.amount),
    reference: plan.reference,
  };
}

/** A request for a transfer that its payer signed. */
export function signedTransfer(cluster: Cluster, plan: TransferPlan) {
  const transfer = transferOf(plan);
  const { from, to, asset, id, validUntil, reference } = transfer;
  const signature = (plan.by ?? plan.from.signer).sign(
    encodeOperation(plan.network ?? networkOf(cluster), transfer),
  );
  return {
    transaction: {
      from,
      to,
      asset,
      amount: transfer.amount,
      id,
      validUntil: BigInt(validUntil),
      ...(reference === undefined ? {} : { reference }),
    },
    signature,
  };
}

/** A request for the cancellation of a payment, signed by its payer or by another key. */
export function signedCancellation(
  cluster: Cluster,
  plan: Pick<TransferPlan, "from" | "by"> & { readonly id: Uuid; readonly validUntil: number },
) {
  const { from, id, validUntil, by = from.signer } = plan;
  const author = from.signer.publicKey;
  const cancellation = { kind: "cancellation", author, id, validUntil, from: from.id } as const;
  return {
    cancellation: { from: from.id, id, validUntil: BigInt(validUntil) },
    signature: by.sign(encodeOperation(networkOf(cluster), cancellation)),
  };
}

/** A request for a wallet that its author signed: the issuer if there is money, else the wallet's own key. */
export function signedCreation(
  cluster: Cluster,
  plan: Partial<WalletCreation> & { readonly by: SigningKey; readonly network?: NetworkId },
) {
  const { by, network = networkOf(cluster), ...fields } = plan;
  const creation: WalletCreation = {
    kind: "walletCreation",
    author: by.publicKey,
    id: randomUuid(),
    validUntil: Date.now() + 60_000,
    publicKey: by.publicKey,
    asset: "EUR",
    ...fields,
  };
  return {
    creationId: creation.id,
    asset: creation.asset,
    publicKey: creation.publicKey,
    validUntil: BigInt(creation.validUntil),
    ...(creation.initialBalance === undefined
      ? {}
      : { initialBalance: creation.initialBalance, issuer: by.publicKey }),
    signature: by.sign(encodeOperation(network, creation)),
  };
}

export interface Refused extends Pick<Refusal, "reason" | "field" | "remedy" | "metadata"> {
  readonly code: string;
  readonly message: string;
}

/** The refusal of a call; a call that succeeds fails the test. */
export async function refusalOf(call: Promise<unknown>): Promise<Refused> {
  const error = await call.then(
    (answer) => expect.fail(`answered: ${JSON.stringify(answer, plainly)}`),
    (reason: unknown) => reason,
  );
  const refusal = readRefusal(error);
  if (refusal === undefined) throw error;
  const { reason, field, remedy, metadata, message } = refusal;
  return { code: Code[ConnectError.from(error).code], reason, field, remedy, metadata, message };
}

export async function balanceOf(cluster: Cluster, node: number, id: string, minHeight = 0n) {
  const { wallet } = await cluster.client(node).getWallet({ id, minHeight });
  return wallet?.balance;
}

/**
 * Waits until all running nodes are at one height without work left, and compares their chains, header by header.
 * Without that wait, an empty block may follow a block that was slow to become final (R8).
 */
export async function expectAgreement(cluster: Cluster): Promise<GetStatusResponse> {
  const [status] = await until("one height everywhere, and rest", async () => {
    const all = await statuses(cluster);
    const heights = new Set(all.map(({ height: at }) => Number(at)));
    const pending = all.some(({ pendingOperations }) => pendingOperations > 0);
    const rests = running(cluster).every((i) => {
      const { working, knownFinalHeight } = cluster.node(i).consensus;
      return !working && heights.has(knownFinalHeight);
    });
    return heights.size === 1 && !pending && rests && all;
  });
  if (status === undefined) throw new Error("no node runs");
  const roots = (await statuses(cluster)).map(({ stateRoot }) => toHex(stateRoot));
  expect(new Set(roots).size).toBe(1);
  for (let at = 1; at <= status.height; at++) {
    const headers = await Promise.all(
      running(cluster).map((i) => cluster.store(i).blocks.loadHeader(height(at))),
    );
    expect(new Set(headers.map((header) => header && toHex(header))).size, `height ${at}`).toBe(1);
  }
  return status;
}

/**
 * The result leaf and the header above it, which define "the same result". One receipt may have the seal on that
 * header, and the next on a later one.
 */
export function resultOf(receipt: Receipt | undefined): string {
  const header = receipt?.headers[0] ?? receipt?.sealedHeader?.bytes;
  if (receipt === undefined || header === undefined) expect.fail("no receipt");
  return `${toHex(receipt.leaf)} under ${toHex(header)}`;
}

/** The seal in the receipt verifies under the network's group key as a plain Ed25519 signature. */
export async function expectSealed(cluster: Cluster, receipt: Receipt | undefined): Promise<void> {
  const [first = 0] = running(cluster);
  const { groupPublicKey } = await cluster.client(first).getNetwork({});
  expect(receipt?.sealPending).toBe(false);
  const { bytes: message, seal: signature } = receipt?.sealedHeader ?? {};
  if (groupPublicKey === undefined || message === undefined || signature === undefined) {
    expect.fail("no seal");
  }
  expect(verify({ publicKey: groupPublicKey, message, signature })).toBe(true);
}

function plainly(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
