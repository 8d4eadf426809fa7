// Tests the checker that finds rules left unapplied, because no core with such a fault exists for a test.
import { expect, it } from "vitest";
import type { Output } from "../../src/consensus/interface.ts";
import { validatorIndex } from "../../src/primitives/numbers.ts";
import { checkSettled } from "./checkers/settled.ts";

const NOTHING: Output = {
  journal: [],
  messages: [],
  requests: [],
  finalized: [],
  evidence: [],
  deadline: 7,
};
const now = { monotonic: 1, wall: 2 };

it("a step after which a tick has an effect is a violation, and one without is none", () => {
  const core = (output: Output) => ({ step: () => output });
  const left: Output = {
    ...NOTHING,
    requests: [{ kind: "repeatOperations", leader: validatorIndex(1) }],
  };
  expect(() => checkSettled(core(left), { kind: "started" }, now)).toThrow("settled: 1 effects");
  expect(() => checkSettled(core(NOTHING), { kind: "started" }, now)).not.toThrow();
});
