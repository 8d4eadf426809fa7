// A node accepts registrations only of members of its network, with their own signature and a rising number.
import { createClient } from "@connectrpc/connect";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PeerService } from "../../../gen/countersign/v1/peer_service_pb.ts";
import { Amnesia } from "../../../src/node/amnesia/amnesia.ts";
import { type SigningKey, verify } from "../../../src/node/base/crypto.ts";
import type { Bytes } from "../../../src/primitives/bytes.ts";
import { greetingFromMessage, greetingToRequest } from "../../../src/transport/convert-peer.ts";
import { Refusal } from "../../../src/transport/refusal.ts";
import { encodeRegistration, type Registration } from "../../../src/transport/registration.ts";
import { Cluster } from "../../support/cluster.ts";
import { namedSigningKey } from "../../support/operations.ts";
import { networkOf, refusalOf, until } from "../network.ts";

let cluster: Cluster;
let journalId: Bytes;
beforeAll(async () => {
  cluster = await Cluster.start();
  await until("registrations of all at the first node", async () => {
    const { peers } = await cluster.client(0).listPeers({});
    return peers.every(({ registrationNumber }) => registrationNumber === 1n);
  });
  const journal = await cluster.store(1).journalIdentity.load();
  journalId = journal?.journalId ?? expect.fail("the second node has a journal");
});
afterAll(() => cluster.stop());

/** The second node's registration, as its second start would send it. */
function registration(fields: Partial<Registration> = {}): Registration {
  return {
    networkId: networkOf(cluster),
    nodeId: "node2",
    address: "127.0.0.1:9101",
    clientAddress: "127.0.0.1:9001",
    journalId,
    starts: 2,
    rejoined: false,
    startId: new Uint8Array(16).fill(7),
    ...fields,
  };
}

function register(
  fields: Partial<Registration>,
  by: { readonly signer?: SigningKey; readonly caller?: number } = {},
) {
  const body = registration(fields);
  const signature = (by.signer ?? namedSigningKey("identity 1")).sign(encodeRegistration(body));
  const client = createClient(PeerService, cluster.peerTransport(0, by.caller));
  return client.register(greetingToRequest({ registration: body, signature }));
}

const secondNode = async () => {
  const { peers } = await cluster.client(0).listPeers({});
  return peers.find(({ nodeId }) => nodeId === "node2");
};

describe("A2: a registration is refused", () => {
  it("with a number below the one held, which is named", async () => {
    expect(await refusalOf(register({ starts: 0 }))).toMatchObject({
      code: "FailedPrecondition",
      reason: "STALE_REGISTRATION",
      field: "registration.starts",
      metadata: { held: "1" },
    });
  });

  it("with the number held and another body", async () => {
    expect(await refusalOf(register({ starts: 1 }))).toMatchObject({
      reason: "STALE_REGISTRATION",
      metadata: { held: "1" },
    });
  });

  it("with the number held and another start of the same journal: a process on a copy", async () => {
    const startId = new Uint8Array(16).fill(8);
    expect(await refusalOf(register({ starts: 1, startId }))).toMatchObject({
      reason: "STALE_REGISTRATION",
      field: "registration.starts",
    });
  });

  it("of another journal that does not replace the one held, with any number", async () => {
    const other = new Uint8Array(16).fill(2);
    expect(await refusalOf(register({ starts: 9, journalId: other }))).toMatchObject({
      reason: "STALE_REGISTRATION",
      field: "registration.journalId",
      metadata: { held: "1" },
    });
  });

  it("for another network", async () => {
    const networkId = new Uint8Array(32).fill(9);
    expect(await refusalOf(register({ networkId }))).toMatchObject({
      code: "InvalidArgument",
      reason: "WRONG_NETWORK",
      field: "registration.networkId",
    });
  });

  it.each(["stranger", "node1"])("of %s: no other member of the genesis", async (nodeId) => {
    expect(await refusalOf(register({ nodeId }))).toMatchObject({
      code: "PermissionDenied",
      reason: "NOT_A_MEMBER",
      field: "registration.nodeId",
    });
  });

  it("of a member that did not sign it", async () => {
    expect(await refusalOf(register({}, { signer: namedSigningKey("stranger") }))).toMatchObject({
      code: "Unauthenticated",
      reason: "INVALID_SIGNATURE",
      field: "signature",
    });
  });

  it("of one member on the link of another", async () => {
    expect(await refusalOf(register({}, { caller: 2 }))).toMatchObject({ reason: "NOT_A_MEMBER" });
  });

  it("and then what was held stays", async () => {
    await expect.poll(secondNode).toMatchObject({
      registrationNumber: 1n,
      address: "127.0.0.1:7102",
      connected: true,
    });
  });
});

describe("A2: a registration with a higher number", () => {
  it("is answered with the callee's own, which its identity signed", async () => {
    const own = greetingFromMessage(await register({}));
    if (own instanceof Refusal) expect.fail(own.message);
    expect(own.registration).toMatchObject({ nodeId: "node1", starts: 1 });
    const message = encodeRegistration(own.registration);
    const { publicKey } = namedSigningKey("identity 0");
    expect(verify({ publicKey, message, signature: own.signature })).toBe(true);
  });

  it("replaces the one held, and may be sent again", async () => {
    await register({});
    await register({});
    expect(await secondNode()).toMatchObject({
      registrationNumber: 2n,
      address: "127.0.0.1:9101",
      clientAddress: "127.0.0.1:9001",
    });
  });

  it("is held across a restart of the callee", async () => {
    await cluster.stopNode(0, true);
    await cluster.startNode(0);
    expect(await secondNode()).toMatchObject({ registrationNumber: 2n, address: "127.0.0.1:9101" });
    expect(await refusalOf(register({ starts: 1 }))).toMatchObject({ metadata: { held: "2" } });
  });

  it("shows the member that another process has its keys: it stops, and says what to do", async () => {
    const failure = await until("the second node's end", async () => cluster.failures[0]);
    expect(failure).toBeInstanceOf(Amnesia);
    expect(failure).toMatchObject({
      message: expect.stringMatching(
        /^node1 proves of node2: it was started 2 times on this journal, which counts 1; .*rejoin/,
      ),
    });
    expect(cluster.failures).toHaveLength(1);
    expect(await cluster.store(1).journalIdentity.load()).toMatchObject({ amnesiac: true });
    await cluster.stopNode(1);
    await expect(cluster.startNode(1)).rejects.toThrow(Amnesia);
  });

  it("of a rejoined journal replaces that of another one", async () => {
    const fields = { journalId: new Uint8Array(16).fill(2), starts: 3, rejoined: true };
    await register(fields);
    expect(await secondNode()).toMatchObject({ registrationNumber: 3n });
    expect(await refusalOf(register({ starts: 4 }))).toMatchObject({
      field: "registration.journalId",
    });
  });
});
