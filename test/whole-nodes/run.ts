/** Runs one seed of whole nodes: trouble, healing, rest, checks. Throws the first failure, or gives a report. */

import { decodeEvidence } from "../../src/consensus/votes.ts";
import { inlineChecker } from "../../src/node/base/signature-checker.ts";
import { verifyStore } from "../../src/node/verify/store-verifier.ts";
import { type Bytes, toHex } from "../../src/primitives/bytes.ts";
import { EncodingError } from "../../src/primitives/encoding.ts";
import { validatorIndex } from "../../src/primitives/numbers.ts";
import { check } from "../support/history/checks.ts";
import { readChain } from "../support/history/stored-chain.ts";
import { openCall } from "../support/open-call.ts";
import { Violation } from "../support/world/violation.ts";
import { Clients } from "./clients.ts";
import { FAIR_DELAY_MAX_MS } from "./plan.ts";
import { PromisedSeals } from "./promised-seals.ts";
import { Trouble } from "./trouble.ts";
import { World, type WorldOptions } from "./world.ts";

export interface Report {
  readonly seed: number;
  readonly traceHash: string;
  readonly events: number;
  readonly blocks: number;
  /** Calls of clients, and those with a result. */
  readonly calls: number;
  readonly results: number;
  /** Nodes whose chain starts with a snapshot. */
  readonly snapshots: number;
  readonly rejoins: number;
  readonly powerCuts: number;
  /** Virtual time between healing and rest. */
  readonly msToRest: number;
  /** Evidence against Byzantine members in the store of the first honest node. */
  readonly proofs: number;
  /** The kinds of the Byzantine members. */
  readonly hostilities: readonly string[];
}

const REST_MAX_MS = 60_000;
const CHECK_EVERY_MS = 100;
/** The longest time after the last payment at which clients still repeat orders. */
const LATE_CALLS_MS = 12_000;

export async function runSeed(options: WorldOptions): Promise<Report> {
  const world = new World(options);
  try {
    return await run(world, options.seed);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const told = [error.message, "the last of what happened:", ...world.trace];
    throw new Violation(`seed ${options.seed}`, told.join("\n"));
  }
}

async function run(world: World, seed: number): Promise<Report> {
  const { clock, plan } = world;
  const clients = new Clients(world);
  const trouble = new Trouble(world);
  for (const member of world.members) void member.bringUp();
  for (const { hostile } of world.members) hostile?.begin();
  clients.begin();
  trouble.begin();
  await runFor(world, plan.troubleMs + plan.absenceMs);
  world.network.delayMaxMs = FAIR_DELAY_MAX_MS;
  trouble.end();
  clients.end();
  const healedAt = clock.now;
  await awaitAnswers(world, clients);
  await runFor(world, LATE_CALLS_MS);
  const msToRest = (await awaitRest(world, healedAt)) - healedAt;
  const blocks = await checkAll(world, clients);
  const count = (what: string) => world.counts.get(what) ?? 0;
  return {
    seed,
    traceHash: world.traceHash.finish(),
    events: world.traceHash.events,
    blocks,
    calls: clients.history.length,
    results: clients.history.filter(({ reply }) => reply.kind === "result").length,
    snapshots: world.members.filter(({ listening }) => {
      return (listening?.store?.blocks.history.snapshot ?? 0) > 0;
    }).length,
    rejoins: count("rejoin"),
    powerCuts: count("power cut"),
    msToRest,
    proofs: (await firstStore(world).evidence.load()).length,
    hostilities: [...plan.hostilities.values()],
  };
}

/** Ends at the first failure, so that the trace shows its cause. */
async function runFor(world: World, durationMs: number): Promise<void> {
  const end = world.clock.now + durationMs;
  while (world.clock.now < end) {
    await world.clock.runFor(Math.min(CHECK_EVERY_MS, end - world.clock.now));
    failIfAny(world.failures);
  }
}

/** By now every node answers a payment. */
async function awaitAnswers(world: World, clients: Clients): Promise<void> {
  const open = new Set(world.honest.map(({ index }) => index));
  for (const gateway of open) void clients.payBy(gateway).then(() => open.delete(gateway));
  for (let waited = 0; open.size > 0; waited += CHECK_EVERY_MS) {
    if (waited > REST_MAX_MS) fail(`no payment by way of ${[...open]} in ${REST_MAX_MS} ms`);
    await runFor(world, CHECK_EVERY_MS);
  }
}

async function awaitRest(world: World, since: number): Promise<number> {
  for (;;) {
    const why = await unrest(world);
    if (why === undefined) return world.clock.now;
    if (world.clock.now - since > 2 * REST_MAX_MS) fail(`no rest: ${why}`);
    await runFor(world, CHECK_EVERY_MS);
  }
}

/** The differences from the expected final state. */
async function unrest(world: World): Promise<string | undefined> {
  const heights = new Set<number>();
  const seals = new PromisedSeals(world);
  for (const { index, listening } of world.honest) {
    const status = listening?.ledger?.getStatus(openCall());
    if (status === undefined) return `node ${index} is down`;
    const { notReadyBecause, height, pendingOperations, historyFrom, sealShare } = status;
    if (notReadyBecause !== undefined) return `node ${index}: ${notReadyBecause}`;
    if (historyFrom !== 1) return `node ${index} lacks blocks below ${historyFrom}`;
    if (pendingOperations > 0) return `node ${index} has ${pendingOperations} operations left`;
    if (sealShare === "notYet") return `node ${index} has no group key`;
    if (sealShare === "missing") return `node ${index} has lost its share of the group key`;
    const unsealed = await seals.lacking(index, height);
    if (unsealed !== undefined) return `node ${index} at ${height} lacks the seal of ${unsealed}`;
    heights.add(height);
  }
  return heights.size === 1 ? undefined : `the nodes are at ${[...heights].join(", ")}`;
}

/** Gives the height of the chain. */
async function checkAll(world: World, clients: Clients): Promise<number> {
  const tips = new Set<string>();
  for (const member of world.honest) tips.add(await checkStore(world, member.index));
  if (tips.size !== 1) fail(`the chains differ: ${[...tips].join(", ")}`);
  const store = firstStore(world);
  const { chain, problems } = await readChain(world.context, store, "every node");
  await clients.recheck(chain.blocks.length);
  failIfAny([...problems, ...clients.problems, ...check(clients.history, [chain])]);
  return chain.blocks.length;
}

/** The store is sound and holds no evidence against an honest node; gives its tip. */
async function checkStore(world: World, index: number): Promise<string> {
  const { context } = world;
  const store = storeOf(world, index);
  const report = await verifyStore({
    context,
    store,
    checker: inlineChecker,
    self: validatorIndex(index),
    onBlock: () => undefined,
  });
  if (report.kind === "fault") fail(`node ${index}: ${report.where} ${report.problem}`);
  if (report.kind === "incomplete") fail(`node ${index} lacks blocks below ${report.from}`);
  const evidence = await store.evidence.load();
  const wrong = evidence.filter((proof) => !isAboutByzantine(world, proof));
  if (wrong.length > 0) fail(`node ${index} holds ${wrong.length} proofs of fault`);
  const tip = await store.blocks.loadTip();
  return tip === undefined ? "none" : `${tip.height} ${toHex(tip.hash)}`;
}

/** A differing result would be evidence too, but Byzantine nodes compute like honest ones here, so there is none. */
function isAboutByzantine({ plan }: World, proof: Bytes): boolean {
  const evidence = decodeEvidence(proof);
  return !(evidence instanceof EncodingError) && plan.hostilities.has(evidence.first.signer);
}

function firstStore(world: World) {
  return storeOf(world, world.honest[0]?.index ?? 0);
}

function storeOf({ members }: World, index: number) {
  const store = members[index]?.listening?.store;
  return store ?? fail(`node ${index} is down`);
}

function failIfAny(problems: readonly string[]): void {
  if (problems.length > 0) fail(problems.join("\n"));
}

function fail(what: string): never {
  throw new Error(what);
}
