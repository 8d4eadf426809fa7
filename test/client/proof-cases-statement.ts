/** Statements whose opening or entries have one defect, under a closing record that is genuine. */
import type { ProofReason } from "../../src/client/proof-problem.ts";
import { sha256 } from "../../src/node/base/crypto.ts";
import { AMOUNT_MAX, amount } from "../../src/primitives/amount.ts";
import { zeroDigest } from "../../src/primitives/hash.ts";
import type { WalletId } from "../../src/primitives/ids.ts";
import { height } from "../../src/primitives/numbers.ts";
import {
  encodeStatementProof,
  type StatementOpening,
  type StatementProof,
  type StatementProofEntry,
} from "../../src/primitives/statement-proof.ts";
import { inGap, type RefusedCase } from "./proof-cases.ts";
import { withBalance } from "./proof-cases-wallet.ts";
import { idOf, openingOf, statement, TIP, walletProof } from "./proof-workshop.ts";

const alice = idOf("alice");
const whole = statement("alice", "operation");
const inHashes = statement("alice", "hash");
const tail = statement("alice", "operation", 3);
const behindAll = statement("alice", "operation", 6);

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("alice has six entries");
  return value;
}

const at = (place: number): StatementProofEntry => found(whole.entries[place]);
const hashAt = (place: number): StatementProofEntry => found(inHashes.entries[place]);
const opened = (behind: number): StatementOpening => found(openingOf("alice", behind));

function refused(
  reason: ProofReason,
  how: string,
  proof: StatementProof,
  wallet: WalletId = alice,
): RefusedCase {
  const bytes = encodeStatementProof(proof);
  return { reason, name: `a statement ${how}`, kind: "statement", wallet, bytes };
}

/** The whole statement with other entries. */
const withEntries = (reason: ProofReason, how: string, entries: readonly StatementProofEntry[]) =>
  refused(reason, how, { ...whole, entries });

/** The whole statement with other fields in its second entry, a payment of 25. */
const withSecond = (reason: ProofReason, how: string, changes: Partial<StatementProofEntry>) =>
  withEntries(reason, how, whole.entries.with(1, { ...at(1), ...changes }));

const ofDora = found(statement("dora", "operation").entries[0]).operation;
const received = ({ delta }: StatementProofEntry) => delta >= 0n;

export const STATEMENT_CASES: readonly RefusedCase[] = [
  refused(
    "record",
    "of a wallet that does not exist",
    { ...whole, closing: walletProof(inGap) },
    inGap,
  ),
  refused("state", "with another closing balance", { ...whole, closing: withBalance(1n) }),
  refused("opening", "whose opening is given and empty", {
    ...whole,
    opening: { entries: 0, balance: amount(0n), head: zeroDigest },
  }),
  withSecond("operation", "with the operation of another entry", { operation: at(3).operation }),
  withSecond("operation", "with an amount that is not its operation's", { delta: -24n }),
  withSecond("operation", "with an amount received instead of paid", { delta: 25n }),
  withSecond("operation", "with an operation that cannot be read", {
    operation: { kind: "operation", bytes: Uint8Array.of(1) },
  }),
  withSecond("operation", "with the creation of another wallet", { operation: ofDora }),
  withEntries("entry", "that pays more than there is", [
    { ...hashAt(0), delta: 1n },
    ...inHashes.entries.slice(1),
  ]),
  withEntries("entry", "that receives more than a wallet can hold", [
    hashAt(0),
    { ...hashAt(2), delta: AMOUNT_MAX },
  ]),
  withEntries("chain", "without its first entry", whole.entries.slice(1).filter(received)),
  withEntries("chain", "without an entry in the middle", whole.entries.toSpliced(2, 1)),
  withEntries("chain", "without its last entry", whole.entries.slice(0, -1)),
  withEntries("chain", "without any entry", []),
  withEntries("chain", "with an entry twice", whole.entries.toSpliced(2, 0, at(2))),
  withEntries(
    "chain",
    "with two entries in the other order",
    whole.entries.with(1, at(2)).with(2, at(1)),
  ),
  withSecond("chain", "with an entry at another height", { height: height(4) }),
  withSecond("chain", "with the hash of another operation", {
    operation: { kind: "hash", hash: sha256(new Uint8Array()) },
  }),
  withEntries(
    "chain",
    "with two other amounts of the same sum",
    inHashes.entries.with(1, { ...hashAt(1), delta: -24n }).with(2, { ...hashAt(2), delta: 4n }),
  ),
  refused("chain", "of the entries of another wallet", {
    ...statement("bob", "hash"),
    closing: whole.closing,
  }),
  refused(
    "chain",
    "that ends a block before its closing record",
    statement("alice", "operation", 0, { closing: whole.closing, upTo: TIP - 1 }),
  ),
  refused("chain", "that goes on behind its closing record", {
    ...whole,
    closing: walletProof(alice, 3),
  }),
  refused("chain", "behind three entries with another balance", {
    ...tail,
    opening: { ...opened(3), balance: amount(opened(3).balance + 1n) },
  }),
  refused("chain", "behind three entries with another head", {
    ...tail,
    opening: { ...opened(3), head: zeroDigest },
  }),
  refused("chain", "behind three entries that are said to be two", {
    ...tail,
    opening: { ...opened(3), entries: 2 },
  }),
  refused("chain", "behind three entries that are said to be none", {
    closing: whole.closing,
    entries: inHashes.entries.slice(3).filter(received),
  }),
  refused("chain", "behind all entries with another balance", {
    ...behindAll,
    opening: { ...opened(6), balance: amount(0n) },
  }),
];
