/** A step applies every rule that its input triggers: a tick right after it has nothing left to do. */
import type { Core } from "../../../src/consensus/core.ts";
import type { Input, Now } from "../../../src/consensus/interface.ts";
import { Violation } from "../../support/world/violation.ts";

export function checkSettled(core: Pick<Core, "step">, input: Input, now: Now): void {
  const { journal, messages, requests, finalized, evidence } = core.step({ kind: "tick" }, now);
  const left = [...journal, ...messages, ...requests, ...finalized, ...evidence];
  if (left.length === 0) return;
  throw new Violation("settled", `${left.length} effects were left after ${input.kind}`);
}
