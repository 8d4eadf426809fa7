/**
 * A chain of a few blocks that the real ledger executed, with all keys of a network of four: proofs of its wallets, and proofs
 * that only a quorum could forge.
 */
import { createLedgerContext } from "../../src/ledger/context.ts";
import type { Execution } from "../../src/ledger/execute.ts";
import { assembleHeader } from "../../src/ledger/header.ts";
import { rulesOf } from "../../src/ledger/operation-rules.ts";
import { proveWallet } from "../../src/ledger/prove-wallet.ts";
import { genesisState, type State } from "../../src/ledger/state.ts";
import { stateRootOf } from "../../src/ledger/state-root.ts";
import { walletTrieKey } from "../../src/ledger/wallet-record.ts";
import { isValidPoint, sha256 } from "../../src/node/base/crypto.ts";
import { encodeHeader, type Header } from "../../src/primitives/block.ts";
import type { Bytes } from "../../src/primitives/bytes.ts";
import { type Digest, zeroDigest } from "../../src/primitives/hash.ts";
import type { WalletId } from "../../src/primitives/ids.ts";
import { leafHash } from "../../src/primitives/merkle-tree.ts";
import { trieHashing } from "../../src/primitives/merkle-trie-hashing.ts";
import { validatorIndex, view } from "../../src/primitives/numbers.ts";
import type { SignedOperation } from "../../src/primitives/operation.ts";
import type { Receipt, ReceiptProof } from "../../src/primitives/receipt.ts";
import { encodeResultLeaf } from "../../src/primitives/result.ts";
import type { StatementProof, StatementProofEntry } from "../../src/primitives/statement-proof.ts";
import type { WalletProof } from "../../src/primitives/wallet-proof.ts";
import {
  block,
  creation,
  keyOf,
  type Network,
  playfulJudge,
  sign,
  transfer,
  walletIdOf,
} from "../ledger/fixture.ts";
import { inclusionPath } from "../support/inclusion-path.ts";
import { namedSigningKey } from "../support/operations.ts";
import { genesis, networkId, sealed as underSeal, finalized as underVotes } from "./workshop.ts";

const context = createLedgerContext({ genesis, hash: sha256, isValidPoint, judge: playfulJudge });
export const network: Network = { context, identities: [], custodians: [] };

const pay = (from: string, to: string, amount: bigint, reference?: string) =>
  transfer(network, { from, to, amount, ...(reference !== undefined && { reference }) });
const others = Array.from({ length: 30 }, (_, i) => `other ${i}`);

/** The creation of a wallet without money; the member's key is that of the workshop. */
function sponsored(name: string): SignedOperation {
  const sponsor = { index: 0, signer: namedSigningKey("custody 0") };
  return sign(network, creation(network, { name }).operation, keyOf(name), sponsor);
}

/** The operations of the blocks from height 1 on. */
const BLOCKS: readonly (readonly SignedOperation[])[] = [
  [],
  [
    creation(network, { name: "alice", balance: 1_000n }),
    creation(network, { name: "bob", balance: 10n }),
    sponsored("carol"),
    creation(network, { name: "dora", balance: 7n, asset: "BTC" }),
    ...others.map((name) => creation(network, { name, balance: 5n })),
  ],
  [pay("alice", "bob", 25n, "invoice 7"), pay("bob", "alice", 5n)],
  [],
  [pay("alice", "bob", 100n), pay("bob", "alice", 1_000_000n), pay("alice", "other 3", 7n)],
  [pay("bob", "alice", 1n, "Danke – grüße")],
];

interface Made {
  readonly header: Header;
  readonly execution: Execution;
  readonly operations: readonly SignedOperation[];
}

function makeChain(): readonly Made[] {
  const made: Made[] = [];
  let state: State = genesisState(context);
  for (const operations of BLOCKS) {
    const execution = block(network, state, operations);
    const parent = made.at(-1)?.header;
    const header = assembleHeader(context, {
      parentHash: parent === undefined ? zeroDigest : sha256(encodeHeader(parent)),
      execution,
      view: view(2 * execution.state.height),
      proposer: validatorIndex(execution.state.height % 4),
    });
    made.push({ header, execution, operations });
    state = execution.state;
  }
  return made;
}

const chain = makeChain();

export const idOf = (name: string): WalletId => walletIdOf(network, name);
export const TIP = chain.length;
/** The block whose payments have receipts. */
export const PAID_AT = 5;

function madeAt(height: number): Made {
  const made = chain[height - 1];
  if (made === undefined) throw new Error(`no block at height ${height}`);
  return made;
}

export const headerAt = (height: number): Header => madeAt(height).header;
const headersOf = (from: number, to: number) => chain.slice(from - 1, to).map((one) => one.header);

/** Headers from one height to another, the last of them under the seal of the group. */
export function sealedFrom(from: number, to = from) {
  return underSeal(headersOf(from, to)).proof;
}

/** The same under the votes of a quorum. */
export function votedFrom(from: number, to = from) {
  return underVotes(headersOf(from, to)).proof;
}

/** Any headers under the seal. */
export function sealedBy(...headers: readonly Header[]) {
  return underSeal(headers).proof;
}

/** The proof of a wallet, or of its absence, after the block at a height. */
export function walletProof(
  id: WalletId,
  at = TIP,
  proof: ReceiptProof = sealedFrom(at),
): WalletProof {
  return { ...proveWallet(context, madeAt(at).execution.state, id), proof };
}

/** A state that holds nothing but these bytes as the record of the wallet, under a seal. */
export function onlyRecord(walletId: WalletId, record: Bytes, leafKey?: Digest): WalletProof {
  const key = leafKey ?? walletTrieKey(sha256, networkId, walletId);
  const walletRoot = trieHashing(sha256, networkId).leaf(key, sha256(record));
  const { ceremonyHash } = madeAt(TIP).execution.state;
  const stateRoot = stateRootOf(context, { walletRoot, ceremonyHash });
  const proof = sealedBy({ ...headerAt(TIP), stateRoot });
  return { walletId, proof, ceremonyHash, steps: [], end: { kind: "wallet", record } };
}

export function receiptAt(index: number, proof: ReceiptProof = sealedFrom(PAID_AT)): Receipt {
  const { operations, execution } = madeAt(PAID_AT);
  const leaves = operations.map((operation, place) => {
    const result = execution.results[place];
    if (result === undefined) throw new Error("one result for each operation");
    return encodeResultLeaf(networkId, operation, result);
  });
  const leafHashes = leaves.map((leaf) => leafHash(sha256, leaf));
  const leaf = leaves[index] ?? new Uint8Array();
  return { leaf, index, path: inclusionPath(sha256, leafHashes, index), proof };
}

/** The form of the operations in a statement. */
export type Given = "operation" | "hash";

/** All entries of a wallet up to a height. */
export function entriesOf(name: string, given: Given, upTo = TIP): readonly StatementProofEntry[] {
  const id = idOf(name);
  const entries: StatementProofEntry[] = [];
  for (const { header, execution, operations } of chain.slice(0, upTo)) {
    for (const [place, signed] of operations.entries()) {
      if (execution.results[place]?.status !== "applied") continue;
      const movements = rulesOf(signed.operation).movements(context, signed.operation);
      for (const { wallet, delta } of movements) {
        if (wallet !== id) continue;
        const { hash, unsignedBytes: bytes } = signed;
        const operation = given === "hash" ? { kind: given, hash } : { kind: given, bytes };
        entries.push({ height: header.height, operation, delta });
      }
    }
  }
  return entries;
}

/** The statement of a wallet behind `behind` entries, up to a height. */
export function statement(
  name: string,
  given: Given,
  behind = 0,
  end: { readonly closing?: WalletProof; readonly upTo?: number } = {},
): StatementProof {
  const { closing = walletProof(idOf(name)), upTo = TIP } = end;
  const entries = entriesOf(name, given, upTo).slice(behind);
  return { closing, opening: openingOf(name, behind), entries };
}

/** The wallet behind so many of its entries, as a block left it. */
export function openingOf(name: string, behind: number): StatementProof["opening"] {
  if (behind === 0) return undefined;
  const found = chain
    .map(({ execution }) => execution.state.wallets.get(context.walletKey(idOf(name))))
    .find((record) => record?.entries === behind);
  if (found === undefined) throw new Error(`no block leaves ${name} with ${behind} entries`);
  return { entries: behind, balance: found.balance, head: found.statementHead };
}
