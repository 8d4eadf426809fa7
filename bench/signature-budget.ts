/**
 * Measures the delay that f colluders cause an honest member on the voting thread. They keep the queue of signature
 * checks full with the largest messages of genuine certificates, between which honest votes and certificates arrive.
 * Signatures, queue and event loop are real; one process, no network.
 */
import { setTimeout } from "node:timers/promises";
import { percentile } from "../src/cli/percentile.ts";
import { entropy, signingKeyOf } from "../src/node/base/crypto.ts";
import { inlineChecker } from "../src/node/base/signature-checker.ts";
import { realSystem } from "../src/node/base/system.ts";
import { CheckQueue } from "../src/node/peers/check-queue.ts";
import { LIMITS } from "../src/primitives/limits.ts";
import { validatorIndex } from "../src/primitives/numbers.ts";
import type { SignatureCheck } from "../src/primitives/signature.ts";
import { faultsTolerated } from "../src/primitives/validators.ts";

const MEASURE_MS = 4_000;
/** The pause between two messages of an honest member. */
const EVERY_MS = 20;
const VOTE_BYTES = 120;

export interface BudgetCase {
  readonly nodes: number;
  readonly colluders: number;
  readonly voteP50Ms: number;
  readonly voteMaxMs: number;
  readonly certificateP50Ms: number;
  readonly certificateMaxMs: number;
  /** Checks in a second for the colluders. */
  readonly floodPerSecond: number;
}

export async function measureSignatureBudgets(sizes: readonly number[]): Promise<BudgetCase[]> {
  const cases: BudgetCase[] = [];
  for (const nodes of sizes) cases.push(await measure(nodes));
  return cases;
}

async function measure(nodes: number): Promise<BudgetCase> {
  const colluders = faultsTolerated(nodes);
  const quorum = nodes - colluders;
  let checked = 0;
  const queue = new CheckQueue({
    checker: {
      check: (checks) => {
        checked += checks.length;
        return inlineChecker.check(checks);
      },
    },
    system: realSystem,
  });
  const check = goodCheck();
  const certificates = new Array<SignatureCheck>(LIMITS.certificatesPerMessageMax * quorum).fill(
    check,
  );
  let going = true;
  const floods = Array.from({ length: colluders }, async (_, member) => {
    while (going) await queue.check(validatorIndex(member), certificates);
  });
  const [votes, honest]: [number[], number[]] = [[], []];
  const end = performance.now() + MEASURE_MS;
  while (performance.now() < end) {
    // The vote arrives while the thread is busy: the time that it waits for its turn counts too.
    const due = performance.now() + EVERY_MS;
    await setTimeout(EVERY_MS);
    await queue.checkFirst(check);
    votes.push(Math.max(0, performance.now() - due));
    const begun = performance.now();
    await queue.check(validatorIndex(nodes - 1), certificates.slice(0, quorum));
    honest.push(performance.now() - begun);
  }
  const inTime = checked;
  going = false;
  await Promise.all(floods);
  return {
    nodes,
    colluders,
    voteP50Ms: percentile(votes, 0.5),
    voteMaxMs: Math.max(...votes),
    certificateP50Ms: percentile(honest, 0.5),
    certificateMaxMs: Math.max(...honest),
    floodPerSecond: (inTime * 1000) / MEASURE_MS,
  };
}

function goodCheck(): SignatureCheck {
  const signer = signingKeyOf(entropy(32));
  const message = entropy(VOTE_BYTES);
  return { publicKey: signer.publicKey, message, signature: signer.sign(message) };
}
