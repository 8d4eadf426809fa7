/** The facts that a proof proves, as the vectors write them. Nothing of Node is in it: test/browser loads it into a page. */
import { verifyProofFile, verifyReceiptBytes } from "../../src/client/proof-file.ts";
import type { ProofProblem } from "../../src/client/proof-problem.ts";
import type { Trust } from "../../src/client/receipt-verifier.ts";
import { verifyStatement } from "../../src/client/statement-verifier.ts";
import { verifySupplyProof, verifyWalletProof } from "../../src/client/wallet-proof-verifier.ts";
import { unreachable } from "../../src/primitives/assert.ts";
import { type Bytes, toHex } from "../../src/primitives/bytes.ts";
import type { ProofCase } from "./proof-cases.ts";

type Verdict = Exclude<ReturnType<typeof verifyProofFile>, ProofProblem> | ProofProblem;

/** The facts that a proof proves, numbers as text; or the reason why it proves nothing. */
export type Judged =
  | { readonly verdict: "valid"; readonly proves: Readonly<Record<string, unknown>> }
  | { readonly verdict: "invalid"; readonly reason: string };

export function judgedProof(by: Trust, one: Omit<ProofCase, "name">): Judged {
  return judged(verdictOf(one, by));
}

export function judgedFile(by: Trust, file: Bytes): Judged {
  return judged(verifyProofFile(by, file));
}

function verdictOf({ kind, wallet, bytes }: Omit<ProofCase, "name">, by: Trust): Verdict {
  switch (kind) {
    case "receipt":
      return verifyReceiptBytes(by, bytes);
    case "supply":
      return verifySupplyProof(by, bytes);
    case "wallet":
      if (wallet === undefined) throw new Error("a case of a wallet names it");
      return verifyWalletProof(by, wallet, bytes);
    case "statement":
      if (wallet === undefined) throw new Error("a case of a wallet names it");
      return verifyStatement(by, wallet, bytes);
    default:
      return unreachable(kind);
  }
}

function judged(found: Verdict): Judged {
  if (!found.valid) return { verdict: "invalid", reason: found.reason };
  const { header, certifiedHeader } = found;
  const proof = found.kind === "receipt" ? found.receipt.proof : found.proof;
  const proves = {
    kind: found.kind,
    height: `${header.height}`,
    certifiedHeight: `${certifiedHeader.height}`,
    sealed: proof.kind === "sealed",
    ...factsOf(found),
  };
  return { verdict: "valid", proves };
}

function factsOf(found: Extract<Verdict, { valid: true }>): Readonly<Record<string, unknown>> {
  switch (found.kind) {
    case "receipt": {
      const { operationHash, result } = found;
      const outcome = result.status === "applied" ? "applied" : result.reason;
      return { operationHash: toHex(operationHash), outcome };
    }
    case "absence":
      return { walletId: found.walletId };
    case "supply":
      return {
        supply: found.supply.map(({ asset, amount }) => ({ asset, amount: `${amount}` })),
      };
    case "wallet": {
      const { walletId, wallet, asset } = found;
      const { publicKey, balance, entries, statementHead } = wallet;
      const held = { balance: `${balance}`, entries: `${entries}` };
      const keys = { publicKey: toHex(publicKey), statementHead: toHex(statementHead) };
      return { walletId, asset, ...held, ...keys };
    }
    case "statement": {
      const { walletId, asset, opening, wallet } = found;
      const entries = found.entries.map(({ number, height, delta, balance, operationHash }) => {
        return {
          ...{ number: `${number}`, height: `${height}`, delta: `${delta}` },
          ...{ balance: `${balance}`, operationHash: toHex(operationHash) },
        };
      });
      return {
        ...{ walletId, asset, entries },
        opening: { entries: `${opening.entries}`, balance: `${opening.balance}` },
        closing: { entries: `${wallet.entries}`, balance: `${wallet.balance}` },
      };
    }
    default:
      return unreachable(found);
  }
}
