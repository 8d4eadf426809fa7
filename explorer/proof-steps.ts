/**
 * The check of a proof file step by step: binary, or one line of JSON. A step holds or fails as the verifier says (src/client/proof-file.ts), which
 * stops at the first check that fails; docs/proofs.md lists the checks in the same order.
 */
import { type VerifiedFile, verifyProofFile } from "../src/client/proof-file.ts";
import type { ProofProblem, ProofReason } from "../src/client/proof-problem.ts";
import type { Trust } from "../src/client/receipt-verifier.ts";
import type { Bytes } from "../src/primitives/bytes.ts";
import { TAGS } from "../src/primitives/tags.ts";
import { genesisStep, type Step, UNCHECKED } from "./check-step.ts";

export type ProofKind = "receipt" | "wallet" | "supply" | "statement";

export interface CheckedFile {
  readonly verdict: VerifiedFile | ProofProblem;
  readonly steps: readonly Step[];
}

const KINDS = [
  [TAGS.receipt, "receipt"],
  [TAGS.walletProof, "wallet"],
  [TAGS.supplyProof, "supply"],
  [TAGS.statementProof, "statement"],
] as const;

/** A step may stand for several reasons, which the verifier has one after another. */
interface Checks {
  readonly reasons: readonly ProofReason[];
  readonly title: string;
  readonly good: string;
}

const FORM: Checks = {
  reasons: ["form"],
  title: "The file",
  good: "It has the layout of its kind, to the last byte.",
};
const HEADERS: Checks = {
  reasons: ["headers"],
  title: "The block's header",
  good: "The headers name this network, and each is the parent of the next.",
};
const CERTIFICATE: Checks = {
  reasons: ["keyCertificate", "seal", "finalization"],
  title: "The members' signatures",
  good: "A quorum of the members of the genesis certifies the header: by the seal of a key that they confirm, or by their votes.",
};
const RECORD: readonly Checks[] = [
  {
    reasons: ["record"],
    title: "The wallet's record",
    good: "It names this network and the wallet, or the path ends where the wallet would be.",
  },
  {
    reasons: ["state"],
    title: "Its place in the state",
    good: "The path leads from there to the state root that the header names.",
  },
];

const CHECKS: Readonly<Record<ProofKind, readonly Checks[]>> = {
  receipt: [
    FORM,
    {
      reasons: ["result"],
      title: "The result",
      good: "The leaf names this network, the operation and its result.",
    },
    HEADERS,
    {
      reasons: ["place"],
      title: "Its place in the block",
      good: "The path leads from the leaf to the root that the header names.",
    },
    CERTIFICATE,
  ],
  wallet: [FORM, HEADERS, CERTIFICATE, ...RECORD],
  supply: [
    FORM,
    HEADERS,
    CERTIFICATE,
    {
      reasons: ["supply"],
      title: "The supply",
      good: "The header has the supply of each currency of the genesis.",
    },
  ],
  statement: [
    FORM,
    HEADERS,
    CERTIFICATE,
    ...RECORD,
    {
      reasons: ["opening", "operation", "entry"],
      title: "The entries",
      good: "Each moves what its operation says, and none takes the balance out of its range.",
    },
    {
      reasons: ["chain"],
      title: "The chain of the entries",
      good: "From the opening they lead to the number, the balance and the hash of the proven record: none is left out, added or reordered.",
    },
  ],
};

/** `file`: not a receipt of the API, which receipt-steps.ts checks. */
export function checkProof(trust: Trust, file: Bytes): CheckedFile {
  const verdict = verifyProofFile(trust, file);
  const kind = kindOf(file);
  const checks = kind === undefined ? [FORM] : CHECKS[kind];
  const failing = verdict.valid
    ? checks.length
    : checks.findIndex(({ reasons }) => reasons.includes(verdict.reason));
  const steps = checks.map(({ reasons, title, good }, place): Step => {
    const name = reasons.join("-");
    if (place > failing) {
      return { name, title, holds: undefined, text: UNCHECKED, facts: [] };
    }
    const bad = verdict.valid ? "" : `${verdict.problem}.`;
    const holds = place < failing;
    return { name, title, holds, text: holds ? good : bad, facts: [] };
  });
  return { verdict, steps: [...steps, genesisStep(trust)] };
}

/** By its tag, which stands in front in both forms. */
function kindOf(file: Bytes): ProofKind | undefined {
  const head = new TextDecoder("latin1").decode(file.subarray(0, 64));
  return KINDS.find(([tag]) => head.includes(tag))?.[1];
}
