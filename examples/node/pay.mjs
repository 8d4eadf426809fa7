// Pays on a running network with a key that stays here, and checks the receipt against the genesis.
//
//   npm install countersign && node pay.mjs https://127.0.0.1:7001 .countersign/ca.pem .countersign/genesis.json [TOKEN-FILE]
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { amount } from "countersign/amount";
import { entropy, isValidPoint, sha256, signingKeyOf, verify } from "countersign/crypto";
import { readRefusal } from "countersign/errors";
import { createGatewayClient } from "countersign/gateway";
import { parseGenesis } from "countersign/genesis";
import { isAnswerTo, verifyAnswer } from "countersign/receipt-answer";
import { trustGenesis } from "countersign/receipt-verifier";
import { Wallet } from "countersign/wallet";

const [baseUrl, caFile, genesisFile, tokenFile] = process.argv.slice(2);
if (genesisFile === undefined) {
  throw new Error("usage: node pay.mjs https://HOST:PORT CA.pem GENESIS.json [TOKEN-FILE]");
}

const genesis = parseGenesis(isValidPoint, readFileSync(genesisFile, "utf8"));
if (genesis instanceof Error) throw genesis;
const trust = trustGenesis(genesis, { hash: sha256, verify, isValidPoint });
const token = tokenFile === undefined ? undefined : readFileSync(tokenFile, "utf8").trim();
const client = createGatewayClient({ baseUrl, ca: readFileSync(caFile, "utf8"), token });

/** The receipt in the answer must prove it and be about this request, because a node may lie. */
function proved(answer, asked) {
  const receipt = verifyAnswer(trust, answer);
  if (!receipt.valid)
    throw new Error(`the answer proves nothing: ${receipt.field} ${receipt.problem}`);
  if (asked !== undefined && !isAnswerTo(asked, receipt))
    throw new Error("the answer is about another order");
  return receipt;
}

const UNKNOWN = new Set(["OUTCOME_UNKNOWN", "DEADLINE_EXCEEDED", "SHUTTING_DOWN", "NOT_READY"]);

/** Sends exactly the same request until it is answered: a new request with a new id would pay again. */
async function answered(call) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      const refusal = readRefusal(error);
      const isUnknown = refusal === undefined || UNKNOWN.has(refusal.reason);
      if (!isUnknown || attempt === 5) throw error;
    }
  }
}

function newWallet() {
  const key = signingKeyOf(entropy(32));
  return new Wallet({ networkId: trust.networkId, hash: sha256, key, creationId: randomUUID() });
}

const validUntil = Date.now() + 120_000;
const asset = genesis.assets[0].code;
try {
  const [alice, bob] = [newWallet(), newWallet()];
  // An issuer creates money; in a development network every node is one.
  const { creationId, publicKey } = alice;
  proved(
    await client.calls.walletCreation({ creationId, publicKey, asset, initialBalance: 1000n }),
  );
  proved(await client.calls.walletCreation(bob.create({ asset, validUntil })));

  const terms = { id: randomUUID(), to: bob.id, asset, amount: amount(25n), validUntil };
  const payment = alice.transfer(terms);
  // A program should keep the request until it has the receipt, to continue after a crash.
  console.log(`payment ${terms.id}`);
  const answer = await answered(() => client.calls.transaction(payment));
  const { result, certifiedHeader } = proved(answer, payment);
  console.log(`${result.status}; height ${certifiedHeader.height} is sealed by the group`);

  const again = proved(await client.calls.transaction(payment));
  console.log(`sent again: ${again.result.status}, and paid once`);
  const { wallet } = await client.calls.getWallet({ id: bob.id });
  console.log(`bob holds ${wallet.balance}`);

  await client.calls.transaction(
    alice.transfer({ ...terms, id: randomUUID(), amount: amount(10_000n) }),
  );
} catch (error) {
  const refusal = readRefusal(error);
  if (refusal === undefined) throw error;
  console.log(`refused: ${refusal.reason}`);
} finally {
  client.close();
}
