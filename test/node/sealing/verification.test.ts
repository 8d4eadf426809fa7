// The signed results that nodes exchange when they seal: authentic, of this network, and kept as evidence if they
// differ.
import { createClient } from "@connectrpc/connect";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PeerService } from "../../../gen/countersign/v1/peer_service_pb.ts";
import { FIRST_EPOCH } from "../../../src/ledger/epochs.ts";
import { type SigningKey, sha256, verify } from "../../../src/node/base/crypto.ts";
import { blockHash, decodeHeader } from "../../../src/primitives/block.ts";
import { concatBytes, toHex } from "../../../src/primitives/bytes.ts";
import { EncodingError } from "../../../src/primitives/encoding.ts";
import { height, validatorIndex } from "../../../src/primitives/numbers.ts";
import type { SealRequest } from "../../../src/seal/messages.ts";
import {
  verificationAnswerFromMessage,
  verificationToMessage,
} from "../../../src/transport/convert-seal.ts";
import { Refusal } from "../../../src/transport/refusal.ts";
import {
  type ComputedResult,
  encodeVerification,
  type VerificationAnswer,
  type VerificationStatement,
} from "../../../src/transport/verification.ts";
import type { Cluster } from "../../support/cluster.ts";
import { namedSigningKey } from "../../support/operations.ts";
import {
  expectSealed,
  issue,
  networkOf,
  refusalOf,
  signedTransfer,
  startNetwork,
  stopNetwork,
} from "../network.ts";

const AT = height(3);
const commitment: SealRequest = { kind: "commitment", epoch: FIRST_EPOCH };
const share: SealRequest = {
  kind: "sign",
  target: { kind: "header", epoch: FIRST_EPOCH, height: AT },
  session: { run: 77, number: 1 },
  commitments: [],
};

let cluster: Cluster;
/** The result of every honest node at the height asked about. */
let honest: ComputedResult;
beforeAll(async () => {
  cluster = await startNetwork();
  const bytes = await cluster.store(0).blocks.loadHeader(AT);
  const header = bytes && decodeHeader(bytes);
  if (bytes === undefined || header === undefined || header instanceof EncodingError) {
    expect.fail("no header");
  }
  const { epoch, operationsRoot, resultsRoot, stateRoot } = header;
  const hash = blockHash(sha256, bytes);
  honest = { epoch, height: AT, blockHash: hash, operationsRoot, resultsRoot, stateRoot };
});
afterAll(() => stopNetwork(cluster));

function signed(fields: Partial<VerificationStatement>, signer: SigningKey) {
  const statement: VerificationStatement = {
    networkId: networkOf(cluster),
    sender: validatorIndex(3),
    ...fields,
  };
  return { statement, signature: signer.sign(encodeVerification(statement)) };
}

/** Sends a signed result to the first node, by default as the fourth. */
async function state(
  fields: Partial<VerificationStatement>,
  { signer = namedSigningKey("identity 3"), caller = 3 } = {},
): Promise<VerificationAnswer> {
  const client = createClient(PeerService, cluster.peerTransport(0, caller));
  const answer = verificationAnswerFromMessage(
    await client.verification(verificationToMessage(signed(fields, signer))),
  );
  if (answer instanceof Refusal) expect.fail(answer.message);
  return answer;
}

describe("a statement is refused", () => {
  it("for another network", async () => {
    const networkId = new Uint8Array(32).fill(9);
    expect(await refusalOf(state({ networkId, request: commitment }))).toMatchObject({
      code: "InvalidArgument",
      reason: "WRONG_NETWORK",
      field: "statement.networkId",
    });
  });

  it("if the member that it names did not sign it", async () => {
    const signer = namedSigningKey("identity 2");
    expect(await refusalOf(state({ request: commitment }, { signer }))).toMatchObject({
      code: "Unauthenticated",
      reason: "INVALID_SIGNATURE",
      field: "signature",
    });
  });

  it("on the link of another member", async () => {
    const refusal = await refusalOf(state({ request: commitment }, { caller: 2 }));
    expect(refusal).toMatchObject({ reason: "INVALID_SIGNATURE" });
  });

  it("of a sender that the genesis does not have", async () => {
    const refusal = await refusalOf(state({ sender: validatorIndex(50), request: commitment }));
    expect(refusal).toMatchObject({ reason: "INVALID_SIGNATURE" });
  });

  it("if it asks for nothing", async () => {
    expect(await refusalOf(state({ computed: honest }))).toMatchObject({
      code: "InvalidArgument",
      reason: "MISSING_FIELD",
      field: "statement",
    });
  });

  it.each([
    { claim: "no result of its own", computed: () => undefined },
    { claim: "a result of another height", computed: () => ({ ...honest, height: height(900) }) },
  ])("if it asks for a share of a header and states $claim", async ({ computed }) => {
    const refusal = await refusalOf(state({ computed: computed(), request: share }));
    expect(refusal).toMatchObject({ reason: "MISSING_FIELD", field: "statement.computed" });
  });
});

describe("a request for a commitment", () => {
  it("is answered with another one if the last was spent on a request that never came", async () => {
    const first = await state({ request: commitment });
    if (first.kind !== "commitment") expect.fail(first.kind);
    expect(await state({ request: commitment })).toEqual(first);
    const second = await state({ request: { ...commitment, spent: first.next } });
    if (second.kind !== "commitment") expect.fail(second.kind);
    expect(toHex(second.next.hiding)).not.toBe(toHex(first.next.hiding));
  });
});

describe("S9: a result that differs from this node's own", () => {
  const lie = () => ({ ...honest, stateRoot: new Uint8Array(32).fill(1) });

  it("is no evidence while it does not differ", async () => {
    const before = await cluster.store(0).evidence.load();
    const answer = await state({ computed: honest, request: share });
    expect(answer.kind).not.toBe("differingResult");
    expect(await cluster.store(0).evidence.load()).toEqual(before);
  });

  it("is kept as evidence with its signature, and answered with this node's own, signed", async () => {
    const fields = { computed: lie(), request: share };
    const answer = await state(fields);
    if (answer.kind !== "differingResult") expect.fail(answer.kind);
    const { statement, signature } = answer.verification;
    expect(statement.computed).toEqual(honest);
    const message = encodeVerification(statement);
    const { publicKey } = namedSigningKey("identity 0");
    expect(verify({ publicKey, message, signature })).toBe(true);

    const told = signed(fields, namedSigningKey("identity 3"));
    const record = concatBytes(encodeVerification(told.statement), told.signature);
    const kept = (await cluster.store(0).evidence.load()).map(toHex);
    expect(kept).toContain(toHex(record));
  });

  it("is kept a bounded number of times, however often it is stated", async () => {
    for (let number = 1; number <= 40; number++) {
      await state({ computed: lie(), request: { ...share, session: { run: 78, number } } });
    }
    expect((await cluster.store(0).evidence.load()).length).toBeLessThanOrEqual(16);
  });

  it("stops no other node: payments settle and are sealed", async () => {
    const [alice, bob] = [await issue(cluster, 0, { balance: 10n }), await issue(cluster, 1)];
    const request = signedTransfer(cluster, { from: alice, to: bob.id, amount: 1n });
    await expectSealed(cluster, (await cluster.client(0).transaction(request)).receipt);
  });
});
