/** `countersign proof wallet`, `proof statement` and `proof supply`: fetch a proof, verify it, and print it as a file to keep. */
import { fetchStatementProof, fetchWalletProof, type ProofTerms } from "../client/fetch-proofs.ts";
import { fetchSupplyProof } from "../client/fetch-supply.ts";
import type { GatewayClient } from "../client/gateway-calls.ts";
import { GatewayFault, LedgerError, StaleAnswer } from "../client/ledger-error.ts";
import { narrowStatement } from "../client/narrow-statement.ts";
import { proofToJson } from "../client/proof-file.ts";
import type { Trust } from "../client/receipt-verifier.ts";
import type { Bytes } from "../primitives/bytes.ts";
import { height } from "../primitives/numbers.ts";
import { printable } from "../primitives/printable.ts";
import { encodeStatementProof } from "../primitives/statement-proof.ts";
import { encodeWalletProof } from "../primitives/wallet-proof.ts";
import { createFileDurably } from "../storage/atomic-file.ts";
import { readRefusal } from "../transport/errors.ts";
import { askFirst, describeRefusal, isUnanswered } from "./calls.ts";
import { CommandError, EXIT, type Options, type Values } from "./command.ts";
import { defineCommand } from "./define-command.ts";
import { membersFor, NETWORK_OPTIONS, NODE_OPTION, openNetwork } from "./network-access.ts";
import { ownReads, type ReadOptions } from "./own-wallet.ts";
import type { Terminal } from "./terminal.ts";
import { HEIGHT_OPTIONS, readHeights } from "./verify-command.ts";
import { readWallet } from "./wallet-argument.ts";
import { WALLET_KEY_OPTIONS } from "./wallet-keys.ts";
import { WalletNames } from "./wallet-names.ts";

const OUT_OPTIONS = {
  out: {
    kind: "text",
    value: "FILE",
    summary: "write the binary form to this file, which must not exist (default: print JSON)",
  },
  ...{ ...NODE_OPTION, ...NETWORK_OPTIONS },
} as const satisfies Options;

const OPTIONS = { ...OUT_OPTIONS, ...WALLET_KEY_OPTIONS } as const satisfies Options;

const WALLET_OPERAND = { name: "WALLET", summary: "the wallet's id, or your name for it" } as const;
const OWN =
  "If the wallet's key is in --wallets, it signs the call: a node proves a wallet to its owner without a token. ";

export const proofWallet = defineCommand({
  name: "proof wallet",
  example: "countersign proof wallet 0f8e1c52-3a77-8b1e-9d2c-5c1f0e4b7a90 --out wallet.proof",
  details: `${OWN}The proof is verified before it is printed; countersign verify checks it again, offline.`,
  operands: [WALLET_OPERAND],
  options: OPTIONS,
  run: ({ values, operands: [wallet = ""] }, terminal) =>
    fetchProof(
      "proof wallet",
      values,
      { wallet, terminal },
      async ({ calls, trust, terms, read }) =>
        encodeWalletProof((await fetchWalletProof(calls, trust, terms, read)).proof),
    ),
});

export const proofStatement = defineCommand({
  name: "proof statement",
  example: "countersign proof statement 0f8e1c52-3a77-8b1e-9d2c-5c1f0e4b7a90 --out statement.proof",
  details:
    `${OWN}All entries are fetched, and proven to be all. With --from-height the file begins at that block: its reader learns the balance ` +
    "before, and no older payment. Behind --to-height it has amounts, and no operations.",
  operands: [WALLET_OPERAND],
  options: { ...HEIGHT_OPTIONS, ...OPTIONS },
  run: ({ values, operands: [wallet = ""] }, terminal) => {
    const name = "proof statement";
    const range = readHeights(name, values);
    return fetchProof(name, values, { wallet, terminal }, async ({ calls, trust, terms, read }) => {
      const minHeight = range?.to === undefined ? undefined : BigInt(range.to);
      const fetched = await fetchStatementProof(calls, trust, { ...terms, minHeight }, read);
      if (range === undefined) return encodeStatementProof(fetched.proof);
      const to = range.to ?? height(fetched.verified.header.height);
      return encodeStatementProof(narrowStatement(trust, fetched, { from: range.from, to }));
    });
  },
});

export const proofSupply = defineCommand({
  name: "proof supply",
  example: "countersign proof supply --out supply.proof",
  details:
    "The supply of every asset after the newest sealed block. The node must let the caller read all wallets, because its block names some. The proof is " +
    "verified before it is printed.",
  operands: [],
  options: OUT_OPTIONS,
  run: async ({ values }, terminal) => {
    const name = "proof supply";
    const network = openNetwork(name, values);
    try {
      const members = membersFor(name, network, values.node);
      const { answer } = await askFirst(name, members, (calls) =>
        fetchSupplyProof(calls, network.trust).catch((error: unknown) => {
          throw worded(name, error);
        }),
      );
      await keep(name, values.out, answer.bytes, terminal);
      return EXIT.ok;
    } finally {
      network.close();
    }
  },
});

interface Asked {
  readonly calls: GatewayClient["calls"];
  readonly trust: Trust;
  readonly terms: ProofTerms;
  readonly read: ReadOptions | undefined;
}

async function fetchProof(
  name: string,
  values: Values<typeof OPTIONS>,
  { wallet, terminal }: { readonly wallet: string; readonly terminal: Terminal },
  fetch: (asked: Asked) => Promise<Bytes>,
): Promise<number> {
  const names = WalletNames.read(name, values);
  const walletId = readWallet(`${name}: WALLET`, wallet, names);
  const network = openNetwork(name, values);
  try {
    const { trust } = network;
    const members = membersFor(name, network, values.node);
    const reads = await ownReads(name, values, trust.networkId, [walletId]);
    const asked = { trust, terms: { walletId }, read: reads.get(walletId) };
    const { answer } = await askFirst(name, members, (calls) =>
      fetch({ ...asked, calls }).catch((error: unknown) => {
        throw worded(name, error);
      }),
    );
    await keep(name, values.out, answer, terminal);
    return EXIT.ok;
  } finally {
    network.close();
  }
}

/** The words of this command line for the fields of the calls that its errors begin with, or name. */
const ARGUMENTS: ReadonlyMap<string, string> = new Map([
  ["walletId", "WALLET"],
  ["id", "WALLET"],
  ["minHeight", "--to-height"],
]);

/** A node whose answer proves nothing is not passed over in silence. Public for tests. */
export function worded(name: string, error: unknown): unknown {
  if (error instanceof GatewayFault || error instanceof StaleAnswer) {
    return new CommandError(`${name}: ${printable(error.message)}; ask another node with --node`);
  }
  if (error instanceof LedgerError) {
    const message = error.message.replace(/^(\w+): /, (whole, field: string) => {
      const argument = ARGUMENTS.get(field);
      return argument === undefined ? whole : `${argument}: `;
    });
    return new CommandError(`${name}: ${printable(message)}`);
  }
  const refusal = isUnanswered(error) ? undefined : readRefusal(error);
  const argument = ARGUMENTS.get(refusal?.field ?? "");
  if (refusal === undefined || argument === undefined) return error;
  const described = describeRefusal({ ...refusal, field: argument });
  const text = `${name}: a node refused: ${described}. ${refusal.remedy ?? ""}`.trimEnd();
  return new CommandError(printable(text), EXIT.refused);
}

async function keep(
  name: string,
  out: string | undefined,
  proof: Bytes,
  terminal: Terminal,
): Promise<void> {
  if (out === undefined) return terminal.line(proofToJson(proof).trimEnd());
  if (!(await createFileDurably(out, proof))) {
    throw new CommandError(`${name}: ${out} exists; name another file by --out`);
  }
  terminal.answer({ value: { file: out, bytes: proof.length }, text: `wrote ${out}` });
}
