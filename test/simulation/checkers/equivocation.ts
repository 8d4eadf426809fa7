/** Invariant 2: no honest node contradicts itself, across crashes too; and no evidence names an honest node. */

import type { Message } from "../../../src/consensus/message.ts";
import { conflict, type Evidence } from "../../../src/consensus/votes.ts";
import type { Vote } from "../../../src/primitives/vote.ts";
import { Violation } from "../../support/world/violation.ts";

export class EquivocationChecker {
  readonly #said = new Map<string, Vote[]>();
  readonly #isHonest: (node: number) => boolean;
  #evidenceFound = 0;

  constructor(isHonest: (node: number) => boolean) {
    this.#isHonest = isHonest;
  }

  get evidenceFound(): number {
    return this.#evidenceFound;
  }

  checkSent(node: number, message: Message): void {
    const vote = voteIn(message);
    if (vote === undefined || vote.signer !== node) return;
    const key = `${node}/${vote.view}`;
    const said = this.#said.get(key) ?? [];
    for (const earlier of said) {
      const evidence = conflict(earlier, vote);
      if (evidence !== undefined) {
        throw new Violation(
          "equivocation",
          `${evidence.kind} by node ${node} in view ${vote.view}`,
        );
      }
    }
    if (said.some(({ kind }) => kind === vote.kind)) return;
    this.#said.set(key, [...said, vote]);
  }

  checkEvidence({ first, second, kind }: Evidence): void {
    this.#evidenceFound += 1;
    if (conflict(first, second)?.kind !== kind) throw new Violation("evidence", "proves nothing");
    if (this.#isHonest(first.signer)) {
      throw new Violation("evidence", `${kind} against the honest node ${first.signer}`);
    }
  }
}

function voteIn(message: Message): Vote | undefined {
  switch (message.kind) {
    case "proposal":
      return message.proposal.vote;
    case "vote":
    case "nullify":
      return message.vote;
    default:
      return undefined;
  }
}
