/** Checks of proofs with the cryptography of the package, with that of the light package in Node and with that of browsers. */
import * as openssl from "../../src/client/openssl-crypto.ts";
import * as portable from "../../src/client/portable-crypto.ts";
import { verifyReceiptBytes } from "../../src/client/proof-file.ts";
import { trustGenesis } from "../../src/client/receipt-verifier.ts";
import { verifyStatement } from "../../src/client/statement-verifier.ts";
import { verifyWalletProof } from "../../src/client/wallet-proof-verifier.ts";
import * as libsodium from "../../src/node/base/crypto.ts";
import { longStatement, STATEMENT_ENTRIES } from "../../test/client/long-statement.ts";
import { accepted } from "../../test/client/proof-cases.ts";
import { genesis } from "../../test/client/workshop.ts";
import type { MicroBench } from "./open-group.ts";

export function open(): Promise<MicroBench> {
  const { bytes: receipt } = accepted("a receipt of a payment");
  const { bytes: wallet, wallet: id } = accepted("a wallet");
  if (id === undefined) throw new Error("the case names its wallet");
  const statement = longStatement();
  const benchmarks = Object.entries({ libsodium, openssl, portable }).flatMap(([name, crypto]) => {
    const { sha256: hash, verify, isValidPoint } = crypto;
    const trust = trustGenesis(genesis, { hash, verify, isValidPoint });
    const checks = [
      ["a sealed receipt", () => verifyReceiptBytes(trust, receipt)],
      ["a wallet proof", () => verifyWalletProof(trust, id, wallet)],
      [
        `a statement of ${STATEMENT_ENTRIES} entries with operations`,
        () => verifyStatement(trust, statement.walletId, statement.bytes),
      ],
    ] as const;
    return checks.map(([what, check]) => {
      if (!check().valid) throw new Error(`${what} is valid`);
      return { name: `check ${what}, ${name}`, run: check };
    });
  });
  return Promise.resolve({ benchmarks, close: () => Promise.resolve() });
}
