/**
 * A world of whole nodes from one seed: the `Node` that production runs, with store, catch-up, snapshot start, start
 * check, rejoin and seals, on virtual time and simulated disks and network. HTTP/2, TLS and LevelDB are replaced; the
 * limits of listeners are absent.
 */
import { createLedgerContext, type LedgerContext } from "../../src/ledger/context.ts";
import type { Genesis } from "../../src/ledger/genesis.ts";
import { isValidPoint, sha256 } from "../../src/node/base/crypto.ts";
import type { Log } from "../../src/node/base/log.ts";
import { createCeremonyJudge } from "../../src/seal/judge.ts";
import { createSuite } from "../../src/seal/suite.ts";
import { CREATED_AT, createGenesis, keyOf } from "../ledger/fixture.ts";
import { Random } from "../support/world/random.ts";
import { TraceHash } from "../support/world/trace-hash.ts";
import { Clock } from "./clock.ts";
import { Member } from "./member.ts";
import { Network } from "./network.ts";
import { choosePlan, type Plan, SNAPSHOT_BLOCKS_MIN, TIMINGS, withHostilities } from "./plan.ts";

export interface WorldOptions {
  readonly seed: number;
  /** Default: 4. */
  readonly nodes?: number;
  /** Test only: disks report syncs that they have not made. */
  readonly lyingDisks?: boolean;
  /** Test only: a node that lost its store takes part as if it had never voted. */
  readonly forgets?: boolean;
  /** Replaces the choices of the seed. */
  readonly adjust?: (plan: Plan) => Plan;
}

const HOSTILE_STREAM = 1_000;
/** The number of trace lines that a failure shows. */
const TRACE_LINES = 60;

export class World {
  readonly plan: Plan;
  readonly random: Random;
  readonly clock = new Clock(CREATED_AT + 1_000);
  readonly context: LedgerContext;
  readonly network: Network;
  readonly members: readonly Member[];
  readonly traceHash = new TraceHash();
  /** Events that must not happen and did. */
  readonly failures: string[] = [];
  /** The number of events of each kind. */
  readonly counts = new Map<string, number>();
  /** The factor by which payments and faults are rarer than planned. */
  pace = 1;
  readonly #trace: string[] = [];

  constructor(options: WorldOptions) {
    const { seed, nodes = 4, lyingDisks = false, forgets = false, adjust } = options;
    this.random = new Random(seed, nodes);
    const honest = choosePlan(this.random, nodes);
    // A random stream of its own: the choice of Byzantine nodes changes nothing else.
    const chosen = withHostilities(honest, new Random(seed, HOSTILE_STREAM + nodes), nodes);
    this.plan = adjust?.(chosen) ?? chosen;
    const genesis = genesisOf(nodes);
    const judge = createCeremonyJudge(createSuite({ isValidPoint, hash: sha256 }));
    this.context = createLedgerContext({ genesis, hash: sha256, isValidPoint, judge });
    const { clock, random } = this;
    this.network = new Network({
      clock,
      random,
      delayMaxMs: this.plan.delayMaxMs,
      listening: (index) => this.members[index]?.listening,
      onArrival: (from, to, what) => this.traceHash.note(clock.now, from, `to ${to} ${what}`),
    });
    this.members = genesis.validators.map((self) => {
      return new Member({
        clock,
        random,
        syncMaxMs: this.plan.syncMaxMs,
        lies: lyingDisks,
        forgets,
        context: this.context,
        self,
        identity: keyOf(`identity ${self.index}`),
        custodyKey: keyOf(`custody ${self.index}`),
        clockPlan: this.plan.clocks[self.index] ?? { skewMs: 0, driftPpm: 0, pacePpm: 0 },
        snapshotBlocksMin: SNAPSHOT_BLOCKS_MIN,
        hostility: this.plan.hostilities.get(self.index),
        network: () => this.network,
        log: this.#logOf(self.index),
        onFailure: (error) => {
          const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
          this.failures.push(`node ${self.index} at ${this.#time}: ${text}`);
        },
        onEvent: (what) => this.note(self.index, what),
      });
    });
  }

  get honest(): readonly Member[] {
    return this.members.filter(({ hostile }) => hostile === undefined);
  }

  /** Adds the event to the trace, its hash and the counts. */
  note(node: number, what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
    this.#write(node, what);
  }

  /** The last events, for a reader who looks for the cause. */
  get trace(): readonly string[] {
    return this.#trace;
  }

  get #time(): string {
    return `${((this.clock.now - CREATED_AT) / 1000).toFixed(3)} s`;
  }

  #write(node: number, what: string): void {
    this.traceHash.note(this.clock.now, node, what);
    this.#trace.push(`${this.#time} node ${node}: ${what}`);
    if (this.#trace.length > TRACE_LINES) this.#trace.shift();
  }

  #logOf(node: number): Log {
    const write = (...args: unknown[]) => {
      const said = args.map((item) =>
        typeof item === "string" ? item : JSON.stringify(item, plain),
      );
      this.#write(node, said.join(" "));
    };
    return { debug: () => undefined, info: write, warn: write, error: write };
  }
}

function genesisOf(nodes: number): Genesis {
  return { ...createGenesis(nodes), timings: TIMINGS };
}

function plain(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
