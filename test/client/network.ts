// A whole network in one process for the client's tests, and the JSON that its API writes.
import { type DescMessage, type MessageShape, toJsonString } from "@bufbuild/protobuf";
import type { TransactionResponse } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { type Trust, trustGenesis } from "../../src/client/receipt-verifier.ts";
import { isValidPoint, sha256, verify } from "../../src/node/base/crypto.ts";
import { utf8 } from "../../src/primitives/bytes.ts";
import { untilKey } from "../node/network.ts";
import { Cluster } from "../support/cluster.ts";
import { randomUuid } from "../support/operations.ts";

export const cryptography = { hash: sha256, verify, isValidPoint };

/** JSON as the client listener writes it. */
export function apiJson<Desc extends DescMessage>(schema: Desc, message: MessageShape<Desc>) {
  return utf8(toJsonString(schema, message, { alwaysEmitImplicit: true }));
}

export interface Network {
  readonly cluster: Cluster;
  readonly trust: Trust;
}

/** Four nodes whose group key is final, so that answers come sealed. */
export async function startNetwork(): Promise<Network> {
  const cluster = await Cluster.start();
  await untilKey(cluster);
  return { cluster, trust: trustGenesis(cluster.genesis, cryptography) };
}

/** A transfer that shares its block with others, so that its inclusion path is not empty. */
export async function payInCompany(cluster: Cluster): Promise<TransactionResponse> {
  const client = cluster.client(0);
  const [payer, payee] = await Promise.all([
    client.walletCreation({ initialBalance: 1_000_000n }),
    client.walletCreation({}),
  ]);
  const [from, to] = [payer.wallet?.id ?? "", payee.wallet?.id ?? ""];
  for (let round = 0; round < 20; round++) {
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, i) => {
        const reference = `Müller & Søn "${i}" \\ \u0007`;
        const id = randomUuid();
        return client.transaction({
          transaction: { from, to, amount: 25n, id, reference, validUntil: deadline() },
        });
      }),
    );
    const found = answers.find(({ receipt }) => (receipt?.path.length ?? 0) > 1);
    if (found !== undefined) return found;
  }
  throw new Error("no transfer came to share its block with others");
}

/** A minute from now. */
export function deadline(): bigint {
  return BigInt(Date.now() + 60_000);
}
