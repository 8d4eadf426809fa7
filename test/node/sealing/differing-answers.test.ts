// S9: a peer answers a request for a share with a differing result. The answer is kept as evidence only if this
// node's own result contradicts it; other answers accuse no member and would take the room of one that does.
import { expect, it } from "vitest";
import { sha256 } from "../../../src/node/base/crypto.ts";
import { createLog } from "../../../src/node/base/log.ts";
import { inlineChecker } from "../../../src/node/base/signature-checker.ts";
import { ShareRequests } from "../../../src/node/sealing/share-requests.ts";
import { VerificationStatements } from "../../../src/node/sealing/verification-statements.ts";
import { height, validatorIndex } from "../../../src/primitives/numbers.ts";
import {
  type ComputedResult,
  encodeVerification,
  resultOf,
} from "../../../src/transport/verification.ts";
import { createNetwork, creation } from "../../ledger/fixture.ts";
import { Chain } from "../chain.ts";

const network = createNetwork();
const { context, identities } = network;
const chain = new Chain(network);
const block = chain.add(creation(network, { name: "alice", balance: 100n }));
const final = resultOf(block.header, block.hash);
const other = { ...final, stateRoot: new Uint8Array(32).fill(1) };

/** The evidence kept after the second member has answered with this result. */
async function keptAfter(computed: ComputedResult | undefined): Promise<number> {
  const kept: unknown[] = [];
  const [identity, peer] = identities;
  if (identity === undefined || peer === undefined) return expect.fail("there are members");
  const statement = { networkId: context.networkId, sender: validatorIndex(1), computed };
  const verification = { statement, signature: peer.sign(encodeVerification(statement)) };
  const statements = new VerificationStatements({
    networkId: context.networkId,
    validators: context.genesis.validators,
    self: validatorIndex(0),
    identity,
    hash: sha256,
    checker: inlineChecker,
    store: {
      evidence: {
        append: async (_, bytes) => {
          kept.push(bytes);
          return "stored";
        },
      },
      blocks: { loadHeader: async (at) => (at === 1 ? block.headerBytes : undefined) },
    },
    log: createLog("test", "silent"),
  });
  const requests = new ShareRequests({
    statements,
    peers: { verification: async () => ({ kind: "differingResult", verification }) },
  });
  const target = { kind: "header", epoch: final.epoch, height: height(1) } as const;
  const request = {
    kind: "sign",
    target,
    session: { run: 1, number: 1 },
    commitments: [],
  } as const;
  expect(await requests.ask(validatorIndex(1), request)).toBeUndefined();
  return kept.length;
}

it.each<[string, ComputedResult | undefined, number]>([
  ["another result than this node's own", other, 1],
  ["this node's own result", final, 0],
  ["no result", undefined, 0],
  ["a result of a height that is not final here", { ...other, height: height(2) }, 0],
])("an answer with %s", async (_, computed, kept) => {
  expect(await keptAfter(computed)).toBe(kept);
});
