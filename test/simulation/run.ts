/** Runs one seed: safety phase, healing, liveness phase, rest. Throws a Violation or gives a report. */
import { toHex } from "../../src/primitives/bytes.ts";
import { Violation } from "../support/world/violation.ts";
import { orderedIds, unfinished } from "./checkers/progress.ts";
import { FAIR_WEATHER } from "./plan.ts";
import { Trouble } from "./trouble.ts";
import { World, type WorldOptions } from "./world.ts";

export interface Report {
  readonly seed: number;
  readonly nodes: number;
  readonly traceHash: string;
  /** Inputs, sends, finalizations and crashes. */
  readonly events: number;
  readonly blocks: number;
  readonly views: number;
  /** Views entered between healing and rest, and those beyond the number that the backlog needs. */
  readonly viewsToRest: number;
  readonly viewsToRestExcess: number;
  /** Virtual time between healing and rest. */
  readonly msToRest: number;
  readonly evidence: number;
  /** Headers sealed; 0 with the toy ledger. */
  readonly seals: number;
  readonly roles: readonly string[];
}

/** Bounds of the liveness phase. */
const REST_MAX_MS = 120_000;
const SETTLING_MS = 5_000;
const CHECK_EVERY_MS = 50;
/** Views that healing may cost for each validator, besides one for this many operations of the backlog. */
const VIEWS_TO_REST_PER_NODE = 4;
const OPERATIONS_PER_VIEW = 5;

export async function runSeed(options: WorldOptions): Promise<Report> {
  const world = new World(options);
  const trouble = new Trouble(world);
  trouble.begin();
  await world.runFor(world.plan.safetyMs);
  const healedAt = world.events.now;
  const backlog = heal(world, trouble);
  const healedView = world.highestView;
  const expected = openOperations(world, trouble);
  await awaitRest(world, healedAt);
  const msToRest = world.events.now - healedAt;
  const viewsToRest = world.highestView - healedView;
  const viewsToRestExcess = viewsToRest - Math.ceil(backlog / OPERATIONS_PER_VIEW);
  if (viewsToRestExcess > VIEWS_TO_REST_PER_NODE * options.nodes) {
    throw new Violation("progress", `${viewsToRest} views for a backlog of ${backlog}`);
  }
  checkOrdered(world, expected);
  await checkSilence(world);
  for (const node of world.honest) world.ledger.replay(node.disk.chain);
  return {
    seed: options.seed,
    nodes: options.nodes,
    blocks: world.agreement.length,
    views: world.highestView,
    viewsToRest,
    viewsToRestExcess,
    msToRest,
    evidence: world.equivocation.evidenceFound,
    seals: world.ledger.sealed?.() ?? 0,
    roles: [...world.plan.roles.values()],
    events: world.traceHash.events,
    traceHash: world.traceHash.finish(),
  };
}

/**
 * Clients submit again, each at one node only, from which the other nodes must get the operation. Gives the number of
 * operations that are not ordered yet.
 */
function heal(world: World, trouble: Trouble): number {
  world.network.weather = FAIR_WEATHER;
  trouble.end();
  const ordered = orderedIds(world);
  const backlog = trouble.operations.filter((item) => !ordered.has(world.ledger.idOf(item)));
  for (const operation of backlog) world.random.pick(world.honest).submit(operation);
  const { newOperations } = world.plan.healing;
  for (let i = 0; i < newOperations; i++) trouble.submit();
  return backlog.length + newOperations;
}

/** Operations whose window is so long that they must be ordered. */
function openOperations(world: World, trouble: Trouble): string[] {
  const last = world.events.now + REST_MAX_MS * 2;
  return trouble.operations
    .filter((operation) => world.ledger.isOpenAt(operation, last))
    .map((operation) => world.ledger.idOf(operation));
}

async function awaitRest(world: World, healedAt: number): Promise<void> {
  for (;;) {
    await world.runFor(CHECK_EVERY_MS);
    const reason = unfinished(world);
    if (reason === undefined) return;
    if (world.events.now - healedAt < REST_MAX_MS) continue;
    throw new Violation("progress", `${reason} after ${REST_MAX_MS} ms`);
  }
}

function checkOrdered(world: World, expected: readonly string[]): void {
  const ordered = orderedIds(world);
  const lost = expected.filter((id) => !ordered.has(id));
  if (lost.length > 0) throw new Violation("progress", `${lost.length} operations were forgotten`);
  const chains = new Set(world.honest.map((node) => node.disk.chain.map(hashOf).join()));
  if (chains.size !== 1) throw new Violation("agreement", "stores differ at rest");
}

function hashOf({ block }: { block: { hash: Uint8Array } }): string {
  return toHex(block.hash);
}

/** R3: without work and without faulty nodes, no consensus timer runs and no message is under way. */
async function checkSilence(world: World): Promise<void> {
  if (world.plan.roles.size > 0) return;
  await world.runFor(SETTLING_MS);
  const talking = world.nodes.filter((node) => node.deadline !== undefined);
  if (talking.length === 0 && world.network.inFlight === 0) return;
  throw new Violation("silence", `${talking.length} nodes of an idle network go on`);
}
