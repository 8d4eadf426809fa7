/** The command lines of `proof` and `verify`, as command-lines.ts has those of the other commands. */
import type { Lines } from "./lines.ts";

const ABSENT = "0f8e1c52-3a77-8b1e-9d2c-5c1f0e4b7a90";
const MUST_BE_UUID = /must be a(?: wallet's id, a)? UUID in lower case/;
const GIVEN_NODE = "--node mallory --genesis $HOME/genesis.json";

export const PROOF_LINES: Readonly<Record<string, Lines>> = {
  "proof wallet": {
    bad: { "My-Wallet": MUST_BE_UUID, [`${ABSENT} ${GIVEN_NODE}`]: /genesis knows alpha/ },
    missing: { "": /WALLET is missing/ },
    fails: [`${ABSENT} --network $HOME/no`, /genesis cannot be read.*--network DIR/],
  },
  "proof statement": {
    bad: {
      "My-Wallet": MUST_BE_UUID,
      [`${ABSENT} --from-height 0`]: /--from-height is "0", but must be a whole number from 1/,
      [`${ABSENT} ${GIVEN_NODE}`]: /genesis knows alpha/,
    },
    missing: { "": /WALLET is missing/ },
    fails: [`${ABSENT} --network $HOME/no`, /genesis cannot be read.*--network DIR/],
  },
  "proof supply": {
    bad: { [GIVEN_NODE]: /genesis knows alpha/ },
    missing: { "--out": /argument missing; it takes --out FILE/ },
    fails: ["--network $HOME/no", /genesis cannot be read.*--network DIR/],
  },
  verify: {
    bad: { "a.proof b.proof": /"b.proof" is one argument too many; it takes FILE/ },
    missing: { "": /FILE is missing: a proof or a receipt/ },
    fails: [
      "$HOME/x.proof --genesis $HOME/genesis.json",
      /x\.proof cannot be read \(ENOENT.*; name a proof, as countersign proof prints it/,
    ],
  },
};
