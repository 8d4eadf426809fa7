import { describe, expect, it } from "vitest";
import { type ProvenWallet, proveWallet, verifyWallet } from "../../src/ledger/queries.ts";
import { genesisState, stateRoot } from "../../src/ledger/state.ts";
import { amount } from "../../src/primitives/amount.ts";
import { zeroDigest } from "../../src/primitives/hash.ts";
import type { WalletId } from "../../src/primitives/ids.ts";
import { block, createNetwork, creation, idOf, start, walletIdOf } from "./fixture.ts";

const network = createNetwork();
const { context } = network;
const execution = block(
  network,
  start(network),
  Array.from({ length: 40 }, (_, i) => creation(network, { name: `${i}`, balance: 10n })),
);
const { state } = execution;
const root = execution.roots.stateRoot;
const verify = (id: WalletId, answer: ProvenWallet, under = root) =>
  verifyWallet(context, { stateRoot: under, id, answer });

describe("L17: a wallet with its proof", () => {
  it("verifies under the state root of the header, present or absent", () => {
    for (let i = 0; i < 40; i++) {
      const id = walletIdOf(network, `${i}`);
      const answer = proveWallet(context, state, id);
      expect(answer.wallet?.balance).toBe(10n);
      expect(verify(id, answer)).toBe(true);
    }
    const absent = proveWallet(context, state, idOf("absent"));
    expect(absent.wallet).toBeUndefined();
    expect(verify(idOf("absent"), absent)).toBe(true);
    const empty = genesisState(context);
    const nothing = proveWallet(context, empty, idOf("absent"));
    expect(verify(idOf("absent"), nothing, stateRoot(context, empty))).toBe(true);
  });

  it("does not verify with anything changed", () => {
    const id = walletIdOf(network, "7");
    const other = walletIdOf(network, "8");
    const answer = proveWallet(context, state, id);
    const { wallet } = answer;
    if (wallet === undefined) throw new Error("wallet 7 exists");
    const rich = { ...wallet, balance: amount(11n) };
    expect(verify(id, { ...answer, wallet: rich })).toBe(false);
    expect(verify(id, { ...answer, wallet: undefined })).toBe(false);
    expect(verify(id, { ...answer, walletRoot: zeroDigest })).toBe(false);
    expect(verify(id, { ...answer, ceremonyHash: zeroDigest })).toBe(false);
    expect(verify(id, { ...answer, proof: { ...answer.proof, end: undefined } })).toBe(false);
    expect(verify(other, answer)).toBe(false);
    expect(verify(other, { ...answer, wallet: { ...wallet, id: other } })).toBe(false);
    expect(verify(id, answer, zeroDigest)).toBe(false);
    const absent = proveWallet(context, state, idOf("absent"));
    expect(verify(idOf("absent"), { ...absent, wallet })).toBe(false);
    expect(verify(id, { ...absent })).toBe(false);
  });
});
