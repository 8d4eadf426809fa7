// Wallets of `wallet list` that a node does not show.
import { create } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { GetWalletResponseSchema } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { WalletSchema } from "../../gen/countersign/v1/types_pb.ts";
import { lookUp } from "../../src/cli/wallet-list.ts";
import { uuidFromBytes } from "../../src/primitives/ids.ts";
import { toConnectError } from "../../src/transport/errors.ts";
import { Refusal, type RefusalReason } from "../../src/transport/refusal.ts";

const ID = uuidFromBytes(new Uint8Array(16).fill(10));
/** A read that a wallet's key signs has options; what they hold matters to the transport only. */
const SIGNED = {};

const refusing = (reason: RefusalReason) => ({
  getWallet: () => Promise.reject(toConnectError(new Refusal(reason, { message: "no" }))),
});

it("shows the wallet that the node shows", async () => {
  const wallet = create(WalletSchema, { id: ID, balance: 7n });
  const getWallet = () => Promise.resolve(create(GetWalletResponseSchema, { wallet }));
  expect((await lookUp({ getWallet }, ID, SIGNED)).wallet?.balance).toBe(7n);
});

it.each<[RefusalReason, string]>([
  ["UNKNOWN_WALLET", "not on the ledger"],
  ["UNAUTHENTICATED", "not on the ledger, or not known to this node"],
])("goes on after %s of a signed read", async (reason, absent) => {
  expect(await lookUp(refusing(reason), ID, SIGNED)).toMatchObject({
    wallet: undefined,
    absent,
  });
});

it("says what the node answered to a signature, which a wrong clock may have spoilt", async () => {
  const { refusal } = await lookUp(refusing("UNAUTHENTICATED"), ID, SIGNED);
  expect(refusal).toBe("no [UNAUTHENTICATED]");
});

it("fails if the node refuses a read that no key signed, or refuses for another reason", async () => {
  await expect(lookUp(refusing("UNAUTHENTICATED"), ID, undefined)).rejects.toThrow("no");
  await expect(lookUp(refusing("PERMISSION_DENIED"), ID, SIGNED)).rejects.toThrow("no");
});
