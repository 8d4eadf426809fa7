/** The report to consensus when one more operation joins those that wait. */

import { createCore } from "../../src/consensus/core.ts";
import { FIRST_EPOCH } from "../../src/ledger/epochs.ts";
import { Pool } from "../../src/mempool/pool.ts";
import { Application } from "../../src/node/execution/application.ts";
import { PoolWork } from "../../src/node/execution/pool-work.ts";
import { WorkReports } from "../../src/node/ordering/work-reports.ts";
import { height, validatorIndex, view } from "../../src/primitives/numbers.ts";
import { configOf, GENESIS } from "../../test/consensus/harness.ts";
import type { MicroBench } from "./open-group.ts";
import { smallLedger } from "./small-ledger.ts";

const WAITING = 200;

export async function open(): Promise<MicroBench> {
  const { network, state, transfers } = smallLedger(1_000, WAITING);
  const { context } = network;
  const pool = new Pool({ operationsPerSenderMax: 1_000, bytesPerSenderMax: 10_000_000 });
  for (const transfer of transfers) pool.add(transfer, validatorIndex(1));
  const { hash } = GENESIS;
  const header = { ...GENESIS.header, epoch: FIRST_EPOCH, height: height(state.height) };
  const application = new Application({ context, pool, final: { state, hash } });
  // A follower in the first view: nothing but the report itself happens.
  const core = createCore(configOf(4, 2), {
    final: GENESIS,
    finalization: undefined,
    firstView: view(1),
    entries: [],
  });
  const now = { monotonic: 1_000, wall: state.time + 1 };
  core.step({ kind: "started" }, now);
  const done = Promise.resolve();
  const reports = new WorkReports({
    work: new PoolWork({ context, pool, application }),
    driver: {
      push: (input) => {
        core.step(input, now);
        return done;
      },
    },
    system: { wall: () => now.wall, after: () => () => undefined },
  });
  reports.follow({ kind: "assessWork", branch: { hash, header }, ancestors: [] });
  return {
    benchmarks: [
      {
        name: `hear of one more operation while ${WAITING} wait`,
        run: () => reports.reassess(),
      },
    ],
  };
}
