/**
 * Runs one node's application between two crashes: passes it the requests of the core and the network, and reports
 * its work.
 */
import type { Finalized, Input, Now } from "../../src/consensus/interface.ts";
import { WorkReports } from "../../src/node/ordering/work-reports.ts";
import type {
  AssessRequest,
  BuildRequest,
  Effects,
  SimulatedApplication,
  VerifyRequest,
} from "./application.ts";

export interface HostContext {
  readonly self: number;
  readonly nodes: number;
  /** The node's own clocks. */
  now(): Now;
  /** Schedules an action that a crash cancels. */
  later(delayMs: number, run: () => void): void;
  /** The duration of the next build or verification. */
  workMs(): number;
  send(to: number, bytes: Uint8Array): void;
  enqueue(input: Input): void;
}

export class ApplicationHost {
  readonly #context: HostContext;
  readonly #application: SimulatedApplication;
  readonly #reports: WorkReports;
  #branch: AssessRequest | undefined;

  constructor(context: HostContext, application: SimulatedApplication) {
    this.#context = context;
    this.#application = application;
    this.#reports = new WorkReports({
      work: { assess: (...on) => application.assess(on[0], on[1], context.now()) },
      driver: {
        push: (input) => {
          context.enqueue(input);
          return Promise.resolve();
        },
      },
      system: {
        wall: () => context.now().wall,
        after: (delayMs, run) => this.#after(delayMs, run),
      },
    });
  }

  /** True if its pool holds something that its branch could still order. */
  hasPending(): boolean {
    const branch = this.#branch;
    if (branch === undefined) return false;
    const now = this.#context.now();
    return this.#application.assess(branch.branch, branch.ancestors, now).pending;
  }

  submit(operation: Uint8Array): void {
    this.#perform(this.#application.submit(operation, this.#context.now()));
  }

  receive(from: number, bytes: Uint8Array): void {
    this.#perform(this.#application.receive(from, bytes, this.#context.now()));
  }

  build(request: BuildRequest): void {
    this.#context.later(this.#context.workMs(), () => {
      const block = this.#application.build(request, this.#context.now());
      if (block === undefined) this.#reports.foundNothing();
      const { view, parent } = request;
      this.#context.enqueue({ kind: "built", view, parentHash: parent.hash, block });
    });
  }

  verify(request: VerifyRequest): void {
    this.#context.later(this.#context.workMs(), () => {
      const { verdict, effects } = this.#application.verify(request, this.#context.now());
      this.#context.enqueue({ kind: "verified", blockHash: request.proposal.hash, verdict });
      this.#perform(effects);
    });
  }

  repeatOperations(leader: number): void {
    this.#perform(this.#application.repeatOperations(leader));
  }

  finalize(finalized: Finalized): void {
    this.#perform(this.#application.finalize(finalized, this.#context.now()));
  }

  assessOn(branch: AssessRequest): void {
    this.#branch = branch;
    this.#reports.follow(branch);
  }

  #perform(effects: Effects): void {
    const { enqueue, nodes, self, send } = this.#context;
    for (const { to, bytes } of effects.messages ?? []) {
      if (to !== "all" && to !== self) send(to, bytes);
      else if (to === "all")
        for (let peer = 0; peer < nodes; peer++) if (peer !== self) send(peer, bytes);
    }
    for (const { blockHash, verdict } of effects.verdicts ?? []) {
      enqueue({ kind: "verified", blockHash, verdict });
    }
    if (effects.poolGained === true) this.#reports.reassess();
  }

  /** The wall clock was set: actions that wait for a time of day may be due. */
  clockWasSet(): void {
    this.#reports.clockWasSet();
  }

  #after(delayMs: number, run: () => void): () => void {
    let isCancelled = false;
    this.#context.later(delayMs, () => {
      if (!isCancelled) run();
    });
    return () => {
      isCancelled = true;
    };
  }
}
