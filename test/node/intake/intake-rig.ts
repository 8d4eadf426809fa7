/** An intake whose clock, store and memory a test sets. */
import { Pool } from "../../../src/mempool/pool.ts";
import { WaitingRoom } from "../../../src/mempool/waiting-room.ts";
import { createLog } from "../../../src/node/base/log.ts";
import { inlineChecker } from "../../../src/node/base/signature-checker.ts";
import type { System } from "../../../src/node/base/system.ts";
import {
  type BeforeAdmission,
  Intake,
  type IntakeVerdict,
} from "../../../src/node/intake/intake.ts";
import { VerifiedOperations } from "../../../src/node/intake/verified-operations.ts";
import type { Bytes } from "../../../src/primitives/bytes.ts";
import { height, validatorIndex } from "../../../src/primitives/numbers.ts";
import type { SignedOperation } from "../../../src/primitives/operation.ts";
import type { OperationLocation } from "../../../src/storage/contracts.ts";
import { CREATED_AT, createNetwork, creation, transfer } from "../../ledger/fixture.ts";
import { Chain } from "../chain.ts";

export const network = createNetwork();
export const [self, peer] = [validatorIndex(0), validatorIndex(1)];

export function pay(id: string, amount = 1n, from = "alice"): SignedOperation {
  return transfer(network, { from, to: "bob", amount, id });
}

/** An intake on a chain of its own. Its index answers as a store does: only after a commit. */
export class IntakeRig {
  readonly chain = new Chain(network);
  readonly pool: Pool;
  readonly waitingRoom = new WaitingRoom({ perSenderMax: 2 });
  readonly sent: Bytes[] = [];
  readonly index = new Map<string, OperationLocation>();
  /** Runs while the intake waits for its store. */
  whileLocating: () => void = () => undefined;
  grown = 0;
  readonly memory = { isFull: false };
  monotonic = 0;
  /** The number of checked signatures. */
  checked = 0;
  readonly system: System = {
    monotonic: () => this.monotonic,
    wall: () => CREATED_AT + 100,
    after: () => () => undefined,
    entropy: (length) => new Uint8Array(length),
  };
  readonly intake: Intake;

  constructor(operationsPerSenderMax = 3) {
    this.pool = new Pool({ operationsPerSenderMax, bytesPerSenderMax: 1_000_000 });
    this.chain.add(
      creation(network, { name: "alice", balance: 100n }),
      creation(network, { name: "bob", balance: 5n }),
    );
    const { context } = network;
    const { chain } = this;
    this.intake = new Intake({
      context,
      self,
      pool: this.pool,
      waitingRoom: this.waitingRoom,
      verified: new VerifiedOperations(context, {
        check: (checks) => {
          this.checked += checks.length;
          return inlineChecker.check(checks);
        },
      }),
      system: this.system,
      application: {
        get finalState() {
          const last = chain.executed.at(-1);
          if (last === undefined) throw new Error("an empty chain");
          return last.execution.state;
        },
      },
      memory: this.memory,
      store: {
        operations: {
          loadOperation: async (of) => {
            const found = this.index.get(of);
            await Promise.resolve();
            this.whileLocating();
            return found;
          },
        },
      },
      links: { send: (_, { operations = [] }) => void this.sent.push(...operations) },
      log: createLog("node1", "silent"),
      consensus: {
        reassess: () => {
          this.grown += 1;
        },
      },
    });
  }

  /** As a client orders it. */
  order(
    operation: SignedOperation,
    beforeAdmission?: BeforeAdmission,
    caller = "a client",
  ): Promise<IntakeVerdict> {
    return this.intake.fromClient(operation, caller, beforeAdmission);
  }

  /** Makes it final, and puts it into the index only if `committed`. */
  finalize(operation: SignedOperation, committed: boolean): void {
    this.chain.add(operation);
    this.pool.settle([operation.key], CREATED_AT, 0);
    if (committed) this.index.set(operation.key, { height: height(this.chain.height), index: 0 });
  }
}
