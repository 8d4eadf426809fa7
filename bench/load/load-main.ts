/**
 * The process that makes the load of a benchmark. It prepares, says so, begins when it is told, and reports. Signing is
 * done before the measured time, decoding and verifying after it.
 */
import { trustGenesis } from "../../src/client/receipt-verifier.ts";
import { Wallet } from "../../src/client/wallet.ts";
import { networkIdOf } from "../../src/ledger/genesis.ts";
import { isValidPoint, sha256, verify } from "../../src/node/base/crypto.ts";
import { loadGenesis } from "../../src/node/files/genesis-file.ts";
import type { NetworkId } from "../../src/primitives/ids.ts";
import { chainWallet } from "../chain-wallets.ts";
import { checkAnswers } from "./answer-check.ts";
import type { RawAnswer } from "./call-connection.ts";
import { CallLane } from "./call-lane.ts";
import type { LoadNews, LoadOrder, LoadPlan, LoadReport } from "./load-plan.ts";
import { LoadRun } from "./load-run.ts";
import { type LoadNetwork, prepareWallet, signLoad } from "./signed-load.ts";
import { StreamLane } from "./stream-lane.ts";

const CREATED_AT_ONCE = 100;

// The bench has ended: nothing is left to be done.
process.once("disconnect", () => process.exit(1));
const first = await nextOrder();
if (first.kind !== "prepare") throw new Error("a load begins with its plan");
await load(first.plan);
process.exit(0);

async function load(plan: LoadPlan): Promise<void> {
  const genesis = loadGenesis(plan.genesisFile);
  const network = { networkId: networkIdOf(sha256, genesis), asset: genesis.assets[0]?.code ?? "" };
  const { arrivals, gateways, tokens, ca } = plan;
  const atOnce = arrivals.kind === "closed" ? arrivals.inFlight : arrivals.inFlightMax;
  const inFlightMax = Math.max(CREATED_AT_ONCE, Math.ceil(atOnce / gateways.length));
  const lanes = await Promise.all(
    gateways.map((url, place) => CallLane.open(url, { ca, inFlightMax, token: tokens?.[place] })),
  );
  const options = { ca, inFlightMax: Math.ceil(atOnce / gateways.length) };
  const streams =
    plan.by === "streams"
      ? gateways.map((url, place) => StreamLane.open(url, { ...options, token: tokens?.[place] }))
      : undefined;
  try {
    const wallets =
      plan.past === undefined
        ? await createWallets(lanes, network, plan.wallets)
        : walletsOfPast(plan.past, network.networkId, plan.wallets);
    const begun = performance.now();
    const calls = signLoad(plan, network, wallets);
    const signingMs = performance.now() - begun;
    const begin = nextOrder();
    await tell({ kind: "prepared" });
    await begin;
    const figures = await new LoadRun({
      plan,
      calls,
      lanes: streams ?? lanes,
      onMeasuring: () => void tell({ kind: "measuring" }),
      onMeasured: () => void tell({ kind: "measured" }),
    }).run();
    const trust = trustGenesis(genesis, { hash: sha256, verify, isValidPoint });
    const { answers, latenciesMs, gatewayOf, ...rest } = figures;
    const report: LoadReport = {
      ...rest,
      ...checkAnswers(trust, answers, plan.verifyEvery),
      answers: answers.length,
      latenciesMs: Float64Array.from(latenciesMs),
      gatewayOf: Uint8Array.from(gatewayOf),
      signingMs,
    };
    await tell({ kind: "report", report });
  } finally {
    for (const lane of [...lanes, ...(streams ?? [])]) lane.close();
  }
}

/** Through all gateways, so that each is warm when the load begins. */
async function createWallets(
  lanes: readonly CallLane[],
  network: LoadNetwork,
  count: number,
): Promise<readonly Wallet[]> {
  const wallets: Wallet[] = [];
  let started = 0;
  const makeSome = async (): Promise<void> => {
    while (started < count) {
      const lane = lanes[started % lanes.length];
      started += 1;
      const { wallet, call } = prepareWallet(network);
      const { status, body } = await new Promise<RawAnswer>((resolve) => lane?.call(call, resolve));
      if (status !== 200) throw new Error(`a wallet is not created: ${status} ${body.toString()}`);
      wallets.push(wallet);
    }
  };
  await Promise.all(Array.from({ length: CREATED_AT_ONCE }, makeSome));
  return wallets;
}

/** So many of all wallets, spread evenly. */
function walletsOfPast(
  { seed, wallets: all }: NonNullable<LoadPlan["past"]>,
  networkId: NetworkId,
  count: number,
): readonly Wallet[] {
  const seedBytes = Buffer.from(seed, "hex");
  return Array.from({ length: count }, (_, i) => {
    const { key, creationId } = chainWallet(seedBytes, Math.floor((i * all) / count));
    return new Wallet({ networkId, hash: sha256, key, creationId });
  });
}

/** Settles when the news is on its way. */
function tell(news: LoadNews): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send?.(news, (error: Error | null) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}

function nextOrder(): Promise<LoadOrder> {
  return new Promise((resolve) => process.once("message", (order: LoadOrder) => resolve(order)));
}
