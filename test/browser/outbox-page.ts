/** A page that pays from an outbox in its IndexedDB, for browser-outbox.test.ts, which closes it at any instant and opens it again. */
import { Outbox } from "../../src/client/outbox.ts";
import { openOutboxDatabase } from "../../src/client/outbox-database.ts";
import { isValidPoint, sha256, signingKeyOf, verify } from "../../src/client/portable-crypto.ts";
import { Wallet } from "../../src/client/wallet.ts";
import { createLedgerClient, type GatewayEndpoint } from "../../src/client/web-ledger-client.ts";
import { parseGenesis } from "../../src/ledger/genesis-json.ts";
import { fromHex } from "../../src/primitives/bytes.ts";
import type { OperationId } from "../../src/primitives/ids.ts";

export interface PayerPlace {
  readonly genesisText: string;
  readonly endpoints: readonly GatewayEndpoint[];
  /** Hexadecimal. */
  readonly seed: string;
  readonly creationId: OperationId;
  readonly payee: string;
}

export type States = readonly (readonly [id: string, state: string])[];

const ON_THEIR_WAY = 40;

class PayerPage {
  readonly #outbox: Outbox;
  readonly #payee: string;

  private constructor(outbox: Outbox, payee: string) {
    this.#outbox = outbox;
    this.#payee = payee;
  }

  static async open({ genesisText, endpoints, seed, creationId, payee }: PayerPlace) {
    const genesis = parseGenesis(isValidPoint, genesisText);
    if (genesis instanceof Error) throw genesis;
    const cryptography = { hash: sha256, verify, isValidPoint };
    const ledger = createLedgerClient({ genesis, cryptography, endpoints });
    const key = signingKeyOf(fromHex(seed) ?? new Uint8Array());
    const { networkId } = ledger.trust;
    const wallet = new Wallet({ networkId, hash: sha256, key, creationId });
    const storage = await openOutboxDatabase({ networkId, walletId: wallet.id });
    return new PayerPage(await Outbox.open({ ledger, wallet, storage }), payee);
  }

  states(): States {
    return [...this.#outbox.payments()].map(({ id, state }) => [id, state]);
  }

  /** Pays one minor unit again and again, until the page ends; some payments are on their way at any time. */
  async payOn(): Promise<never> {
    for (const paid: string[] = []; ; ) {
      paid.push((await this.#outbox.pay({ to: this.#payee, amount: "0.01 EUR" })).id);
      if (paid.length > ON_THEIR_WAY) await this.#outbox.outcome(paid.shift() ?? "");
    }
  }

  /** Settles when each payment has its end. */
  async ends(): Promise<States> {
    for (const [id] of this.states()) await this.#outbox.outcome(id);
    return this.states();
  }

  close(): Promise<void> {
    return this.#outbox.close();
  }
}

declare global {
  var openPayer: (place: PayerPlace) => Promise<string>;
  var payer: PayerPage;
}

Object.assign(globalThis, {
  /** "open", or the code of the error. */
  openPayer: async (place: PayerPlace): Promise<string> => {
    try {
      globalThis.payer = await PayerPage.open(place);
      return "open";
    } catch (error) {
      if (error instanceof Error && "code" in error) return String(error.code);
      throw error;
    }
  },
});
