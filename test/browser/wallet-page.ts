/** A wallet in a web page: its key is made and stays here; it pays through one node, follows its statement there, and trusts a genesis. */
import {
  entropy,
  isValidPoint,
  sha256,
  signingKeyOf,
  verify,
} from "../../src/client/portable-crypto.ts";
import { isAnswerTo, verifyAnswer } from "../../src/client/receipt-answer.ts";
import { type Trust, trustGenesis } from "../../src/client/receipt-verifier.ts";
import { signedBy } from "../../src/client/signed-reads.ts";
import { Wallet } from "../../src/client/wallet.ts";
import { watch } from "../../src/client/watch.ts";
import { createGatewayClient, type GatewayClient } from "../../src/client/web-gateway-client.ts";
import { parseGenesis } from "../../src/ledger/genesis-json.ts";
import { amount } from "../../src/primitives/amount.ts";
import { parseUuid, type Uuid } from "../../src/primitives/ids.ts";
import { readRefusal } from "../../src/transport/errors.ts";

export interface Place {
  readonly genesisText: string;
  readonly baseUrl: string;
  readonly token: string;
  /** The id of the node in the genesis. */
  readonly node: string;
}

export interface Proof {
  readonly problem: string;
  readonly status: string;
  readonly proof: string;
  readonly id: string;
}

class WalletPage {
  readonly #client: GatewayClient;
  readonly #trust: Trust;
  readonly #wallet: Wallet;

  constructor({ genesisText, baseUrl, token, node }: Place) {
    this.#client = createGatewayClient({ baseUrl, token, node });
    this.#trust = trustOf(genesisText);
    const key = signingKeyOf(entropy(32));
    const { networkId, hash } = this.#trust;
    this.#wallet = new Wallet({ networkId, hash, key, creationId: newId() });
  }

  /** The public parts of the wallet. */
  get opened() {
    const { id, creationId, publicKey } = this.#wallet;
    return { id, creationId, publicKey: [...publicKey] };
  }

  /** As the node tells it to the wallet's owner, or the code of its refusal. */
  async balance(): Promise<string> {
    return await toldOr(async () => {
      const { id } = this.#wallet;
      const { wallet } = await this.#client.calls.getWallet({ id }, signedBy(this.#wallet));
      return `${wallet?.balance}`;
    });
  }

  /** Pays 25 minor units; `genesisText` is what to trust instead of the own genesis. */
  async pay(to: string, genesisText?: string): Promise<Proof> {
    const trust = genesisText === undefined ? this.#trust : trustOf(genesisText);
    const id = newId();
    const terms = { id, to: uuid(to), asset: "EUR", amount: amount(25n) };
    const order = this.#wallet.transfer({ ...terms, validUntil: Date.now() + 120_000 });
    const receipt = verifyAnswer(trust, await this.#client.calls.transaction(order));
    if (!receipt.valid) {
      return { problem: `${receipt.field} ${receipt.problem}`, status: "", proof: "", id };
    }
    const problem = isAnswerTo(order, receipt) ? "" : "is about another order";
    return { problem, status: receipt.result.status, proof: receipt.receipt.proof.kind, id };
  }

  /** The kinds of the wallet's first entries and the balances after them, as they come over a stream. */
  async watch(count: number): Promise<readonly (readonly [kind: number, balance: string])[]> {
    const seen: (readonly [number, string])[] = [];
    const terms = { walletId: this.#wallet.id, fromHeight: 0n };
    for await (const event of watch(this.#client.calls, terms, signedBy(this.#wallet))) {
      if (event.kind !== "entry") throw new Error("a wallet's stream has entries only");
      seen.push([event.entry.kind, event.entry.balance.toString()]);
      if (seen.length === count) break;
    }
    return seen;
  }

  async status(): Promise<string> {
    return await toldOr(async () => {
      await this.#client.calls.getStatus({});
      return "answered";
    });
  }
}

async function toldOr(call: () => Promise<string>): Promise<string> {
  try {
    return await call();
  } catch (error) {
    return readRefusal(error)?.reason ?? String(error);
  }
}

function trustOf(genesisText: string): Trust {
  const genesis = parseGenesis(isValidPoint, genesisText);
  if (genesis instanceof Error) throw genesis;
  return trustGenesis(genesis, { hash: sha256, verify, isValidPoint });
}

function newId(): Uuid {
  return uuid(crypto.randomUUID());
}

function uuid(text: string): Uuid {
  const id = parseUuid(text);
  if (id === undefined) throw new RangeError(`${text} is no UUID`);
  return id;
}

declare global {
  var openWallet: (place: Place) => WalletPage;
  var wallet: WalletPage;
}

Object.assign(globalThis, { openWallet: (place: Place) => new WalletPage(place) });
