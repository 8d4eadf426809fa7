// T9: creations without money that come too fast are refused before they cost what an accepted one costs.
import { describe, expect, it } from "vitest";
import type { SignedOperation } from "../../../src/primitives/operation.ts";
import { openMemoryStore } from "../../../src/storage/memory-store.ts";
import type { CreationCommand } from "../../../src/transport/ledger-api.ts";
import { creation, idOf, keyOf, sign } from "../../ledger/fixture.ts";
import { network } from "../intake/intake-rig.ts";
import { GatewayRig, OPEN, reasonOf } from "./gateway-rig.ts";

const openStore = () => openMemoryStore({ identity: { networkId: network.context.networkId } });
const openRig = async () => new GatewayRig(await openStore());

const sponsored = (name: string): SignedOperation => creation(network, { name });

/** The same creation, signed by another key. */
function forged({ operation }: SignedOperation): SignedOperation {
  return sign(network, operation, keyOf("mallory"));
}

/** As a client asks for it: without a sponsor. */
function commandOf({ operation, signature }: SignedOperation): CreationCommand {
  if (operation.kind !== "walletCreation") throw new Error("not a creation");
  return { kind: "signed", creation: operation, signature, wait: "final" };
}

/** Orders until one comes too fast. The pool is emptied meanwhile, as by blocks that hold other operations. */
async function exhaust({ intake: { intake, pool } }: GatewayRig): Promise<void> {
  for (let number = 0; ; number++) {
    const operation = sponsored(`quick ${number}`);
    const { kind } = await intake.fromClient(operation, OPEN.countedAs);
    if (kind === "tooFast") return;
    pool.settle([operation.key], 0, 0);
  }
}

/** The reason of the answer, and the signatures that were checked for it. An order that waits is left alone. */
async function ask(rig: GatewayRig, command: CreationCommand): Promise<[string, number]> {
  const before = rig.intake.checked;
  const stop = new AbortController();
  const answer = rig.gateway.createWallet(command, OPEN, stop.signal);
  const waits = rig.intake.intake.find("nothing").then(() => undefined);
  for (let turn = 0; turn < 20; turn++) await waits;
  await new Promise((resolve) => setImmediate(resolve));
  stop.abort();
  return [reasonOf(await answer), rig.intake.checked - before];
}

describe("T9: while creations without money come too fast", () => {
  it("a new one is refused after one check, and counted among the refused", async () => {
    const rig = await openRig();
    await exhaust(rig);
    const { figures } = rig.intake.intake;
    const before = figures.refused.get("client")?.of("tooFast") ?? 0;
    expect(await ask(rig, commandOf(sponsored("new")))).toEqual(["TOO_MANY_REQUESTS", 1]);
    expect(figures.refused.get("client")?.of("tooFast")).toBe(before + 1);
    expect(rig.intake.sent.length).toBeGreaterThan(0);
  });

  it("L8: a repetition goes on to its first result, from the pool and from a block", async () => {
    const rig = await openRig();
    const [pooled, final] = [sponsored("pooled"), sponsored("final")];
    await rig.intake.order(pooled);
    await rig.intake.order(final);
    await exhaust(rig);
    rig.intake.finalize(final, false);
    for (const known of [pooled, final]) {
      const [reason] = await ask(rig, commandOf(known));
      expect(reason).toBe("OUTCOME_UNKNOWN");
    }
  });

  it("L25: one that its key did not sign is refused alike, whether its id is known or not", async () => {
    const rig = await openRig();
    const pooled = sponsored("pooled");
    await rig.intake.order(pooled);
    await exhaust(rig);
    for (const one of [pooled, sponsored("new")]) {
      expect(await ask(rig, commandOf(forged(one)))).toEqual(["INVALID_SIGNATURE", 1]);
    }
  });

  it("a custodial one is refused before it is signed, unless it was ordered before", async () => {
    const store = await openStore();
    const before = new GatewayRig(store);
    await before.leave((signal) => before.createWallet(signal));
    // After a start nothing is pooled, and the order may still be in the pools of others.
    const rig = new GatewayRig(store);
    await exhaust(rig);
    const custodial = { kind: "custodial", wait: "final" } as const;
    expect(await ask(rig, custodial)).toEqual(["TOO_MANY_REQUESTS", 0]);
    const named = { ...custodial, creationId: idOf("another") };
    expect(await ask(rig, named)).toEqual(["TOO_MANY_REQUESTS", 0]);
    const [again] = await ask(rig, { ...custodial, creationId: idOf("new") });
    expect(again).toBe("OUTCOME_UNKNOWN");
  });

  it("one with money is not counted among them", async () => {
    const rig = await openRig();
    await exhaust(rig);
    const [reason] = await ask(rig, commandOf(creation(network, { name: "rich", balance: 5n })));
    expect(reason).toBe("OUTCOME_UNKNOWN");
  });
});

it("T9: creations that their keys did not sign take nothing from the rate", async () => {
  const rig = await openRig();
  for (let number = 0; number < 300; number++) {
    const [reason] = await ask(rig, commandOf(forged(sponsored(`forged ${number}`))));
    expect(reason).toBe("INVALID_SIGNATURE");
  }
  const [reason] = await ask(rig, commandOf(sponsored("honest")));
  expect(reason).toBe("OUTCOME_UNKNOWN");
});
