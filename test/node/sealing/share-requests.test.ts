import { describe, expect, it } from "vitest";
import { FIRST_EPOCH } from "../../../src/ledger/epochs.ts";
import { genesisHeader } from "../../../src/ledger/header.ts";
import { sha256 } from "../../../src/node/base/crypto.ts";
import { createLog } from "../../../src/node/base/log.ts";
import { inlineChecker } from "../../../src/node/base/signature-checker.ts";
import { ShareRequests } from "../../../src/node/sealing/share-requests.ts";
import { VerificationStatements } from "../../../src/node/sealing/verification-statements.ts";
import { encodeHeader } from "../../../src/primitives/block.ts";
import { type Bytes, concatBytes } from "../../../src/primitives/bytes.ts";
import { height, validatorIndex } from "../../../src/primitives/numbers.ts";
import type { SealRequest } from "../../../src/seal/messages.ts";
import {
  encodeVerification,
  type SignedVerification,
  type VerificationAnswer,
} from "../../../src/transport/verification.ts";
import { createNetwork, keyOf } from "../../ledger/fixture.ts";

const network = createNetwork();
const { networkId, genesis } = network.context;
const peer = validatorIndex(1);
const AT = height(7);
const share: SealRequest = {
  kind: "sign",
  target: { kind: "header", epoch: FIRST_EPOCH, height: AT },
  session: { run: 1, number: 1 },
  commitments: [],
};

/** The requests of validator 0, whose peer gives this answer. */
function requestsTo(answer: (asked: SignedVerification) => VerificationAnswer | undefined) {
  const evidence: Bytes[] = [];
  const asked: SignedVerification[] = [];
  const statements = new VerificationStatements({
    networkId,
    validators: genesis.validators,
    self: validatorIndex(0),
    identity: keyOf("identity 0"),
    hash: sha256,
    checker: inlineChecker,
    store: {
      evidence: {
        append: (_, bytes) => {
          evidence.push(bytes);
          return Promise.resolve("stored");
        },
      },
      blocks: {
        loadHeader: (at) =>
          Promise.resolve(
            at === AT ? encodeHeader({ ...genesisHeader(network.context), height: AT }) : undefined,
          ),
      },
    },
    log: createLog("requests", "silent"),
  });
  const requests = new ShareRequests({
    statements,
    peers: {
      verification: (_, signed) => {
        asked.push(signed);
        return Promise.resolve(answer(signed));
      },
    },
  });
  return { requests, evidence, asked };
}

/** The peer's statement that it computed another result. */
function differing(asked: SignedVerification, by = "identity 1", of = networkId) {
  const { computed } = asked.statement;
  if (computed === undefined) throw new Error("nothing was stated");
  const statement = {
    networkId: of,
    sender: peer,
    computed: { ...computed, stateRoot: new Uint8Array(32).fill(1) },
  };
  const signature = keyOf(by).sign(encodeVerification(statement));
  return { statement, signature };
}

describe("a node that asks for a share", () => {
  it("states what it computed itself", async () => {
    const { requests, asked } = requestsTo(() => undefined);
    await requests.ask(peer, share);
    expect(asked[0]?.statement).toMatchObject({ sender: 0, computed: { height: AT } });
  });

  it("keeps a peer's signed word that it computed something else, and counts it as no answer", async () => {
    const told: SignedVerification[] = [];
    const { requests, evidence } = requestsTo((asked) => {
      told.push(differing(asked));
      return { kind: "differingResult", verification: differing(asked) };
    });
    expect(await requests.ask(peer, share)).toBeUndefined();
    const [word] = told;
    if (word === undefined) expect.fail("not asked");
    expect(evidence).toEqual([concatBytes(encodeVerification(word.statement), word.signature)]);
  });

  it.each([
    { claim: "not signed by the peer", by: "identity 2", of: networkId },
    { claim: "for another network", by: "identity 1", of: new Uint8Array(32).fill(9) },
  ])("keeps nothing that is $claim", async ({ by, of }) => {
    const { requests, evidence } = requestsTo((asked) => ({
      kind: "differingResult",
      verification: differing(asked, by, of),
    }));
    expect(await requests.ask(peer, share)).toBeUndefined();
    expect(evidence).toEqual([]);
  });
});
