/** Members that flood with orders that cost their author nothing: sponsored creations, and transfers without money. */
import { signingKeyOf } from "../../../src/node/base/crypto.ts";
import { amount } from "../../../src/primitives/amount.ts";
import { type Bytes, utf8 } from "../../../src/primitives/bytes.ts";
import { deriveWalletId, uuidFromDigest } from "../../../src/primitives/ids.ts";
import { LIMITS } from "../../../src/primitives/limits.ts";
import { assembleOperation } from "../../../src/primitives/operation.ts";
import type { Transfer } from "../../../src/primitives/operations/transfer.ts";
import type { WalletCreation } from "../../../src/primitives/operations/wallet-creation.ts";
import type { HostileContext, Hostility } from "./hostility.ts";

const AT_ONCE = 250;
const ORDERS_MAX = 3_000;
const ASSET = "EUR";

/** Thousands of creations without money that it sponsors itself: all hold, and few may be ordered. */
export function creationFlooder(context: HostileContext): Hostility {
  return flood(context, creation);
}

/** Thousands of transfers, half of a wallet that it has made and that holds nothing, half of wallets that there are not. */
export function transferFlooder(context: HostileContext): Hostility {
  return flood(context, (from, number) => {
    return number === 0 ? creation(from, 0) : freeTransfer(from, number);
  });
}

function flood(
  context: HostileContext,
  make: (context: HostileContext, number: number) => Bytes,
): Hostility {
  let count = 0;
  return {
    act() {
      if (count >= ORDERS_MAX) return;
      const operations = Array.from({ length: AT_ONCE }, () => make(context, count++));
      for (const to of context.peers) {
        for (let i = 0; i < operations.length; i += LIMITS.linkBatchItemsMax) {
          context.send(to, { operations: operations.slice(i, i + LIMITS.linkBatchItemsMax) });
        }
      }
    },
  };
}

function seedOf({ ledger, self }: HostileContext, number: number): Bytes {
  return ledger.hash(utf8(`flood ${self.index} ${number}`));
}

function deadline({ ledger, clock }: HostileContext): number {
  const { lifetimeMsMax, clockSkewMs } = ledger.genesis.timings;
  return clock.now + lifetimeMsMax - clockSkewMs;
}

function creation(context: HostileContext, number: number): Bytes {
  const { ledger, self, custodyKey } = context;
  const { hash, networkId } = ledger;
  const seed = seedOf(context, number);
  const owner = signingKeyOf(seed);
  const operation: WalletCreation = {
    kind: "walletCreation",
    author: owner.publicKey,
    id: uuidFromDigest(seed),
    validUntil: deadline(context),
    publicKey: owner.publicKey,
    asset: ASSET,
    initialBalance: undefined,
  };
  const unsigned = { operation, signature: new Uint8Array(64) };
  const { unsignedBytes } = assembleOperation(hash, networkId, unsigned);
  const signature = owner.sign(unsignedBytes);
  const sponsor = { validator: self.index, signature: custodyKey.sign(unsignedBytes) };
  return assembleOperation(hash, networkId, { operation, signature, sponsor }).bytes;
}

function freeTransfer(context: HostileContext, number: number): Bytes {
  const { hash, networkId } = context.ledger;
  const walletOf = (of: number) => {
    const { publicKey } = signingKeyOf(seedOf(context, of));
    const creationId = uuidFromDigest(seedOf(context, of));
    return deriveWalletId(hash, { networkId, publicKey, creationId });
  };
  const payer = number % 2 === 0 ? 0 : number;
  const owner = signingKeyOf(seedOf(context, payer));
  const operation: Transfer = {
    kind: "transfer",
    author: owner.publicKey,
    id: uuidFromDigest(hash(seedOf(context, number))),
    validUntil: deadline(context),
    from: walletOf(payer),
    to: walletOf(number + 1),
    asset: ASSET,
    amount: amount(1n),
  };
  const unsigned = { operation, signature: new Uint8Array(64) };
  const { unsignedBytes } = assembleOperation(hash, networkId, unsigned);
  return assembleOperation(hash, networkId, { operation, signature: owner.sign(unsignedBytes) })
    .bytes;
}
