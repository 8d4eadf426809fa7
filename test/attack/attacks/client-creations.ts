/** A client that has one gateway sponsor wallets without money: many calls at once, without waiting for an answer. */
import { Wait } from "../../../gen/countersign/v1/types_pb.ts";
import { Wallet } from "../../../src/client/wallet.ts";
import { entropy, sha256, signingKeyOf } from "../../../src/node/base/crypto.ts";
import { randomUuid } from "../../support/operations.ts";
import type { ClientAttack, ClientHand } from "../attack.ts";
import { impatientClient, pause } from "../tools.ts";

const COUNT = 4_000;
const BATCH = 200;

export const clientCreations: ClientAttack = {
  name: "client-creations",
  by: "client",
  does: `${COUNT} creations of wallets without money under way at one gateway at once`,
  run: async (hand, signal) => {
    const client = impatientClient(hand);
    const calls: Promise<void>[] = [];
    for (let sent = 0; sent < COUNT && !signal.aborted; sent++) {
      calls.push(
        client.calls
          .walletCreation({ ...creation(hand), wait: Wait.SEALED }, { signal })
          .then(() => hand.count("wallets created"))
          .catch(() => hand.count("calls without a wallet")),
      );
      if (sent % BATCH === 0) await pause(1, signal);
    }
    await Promise.all(calls);
    client.close();
  },
};

function creation({ networkId, genesis }: ClientHand) {
  const key = signingKeyOf(entropy(32));
  const wallet = new Wallet({ networkId, hash: sha256, key, creationId: randomUuid() });
  return wallet.create({
    asset: genesis.assets[0]?.code ?? "",
    validUntil: Date.now() + 600_000,
  });
}
