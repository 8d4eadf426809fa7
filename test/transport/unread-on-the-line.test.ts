/**
 * Goal: few answers are built for a member that asks for blocks and reads nothing, and no other member waits for it.
 * Method: the real peer listener over TLS, and a raw HTTP/2 client whose flow-control window is zero.
 */
import { connect } from "node:http2";
import { create, toBinary } from "@bufbuild/protobuf";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FetchBlocksRequestSchema, PeerService } from "../../gen/countersign/v1/peer_service_pb.ts";
import { verify } from "../../src/node/base/crypto.ts";
import { equalBytes } from "../../src/primitives/bytes.ts";
import { LIMITS } from "../../src/primitives/limits.ts";
import { height, validatorIndex } from "../../src/primitives/numbers.ts";
import type { CertificateAndKey } from "../../src/transport/certificate-keys.ts";
import { createPeerCertificate } from "../../src/transport/peer-certificate.ts";
import { createPeerClient } from "../../src/transport/peer-client.ts";
import { openPeerListener } from "../../src/transport/peer-listener.ts";
import { openPeerSession } from "../../src/transport/peer-session.ts";
import { createPeerTransport } from "../../src/transport/peer-transport.ts";
import type { Listener } from "../../src/transport/tls-listener.ts";
import { open } from "../hostile/raw-calls.ts";
import { certificateCheck, identityOf, networkId } from "./identities.ts";
import { createPeerDouble } from "./peer-double.ts";
import { createTestLog } from "./test-log.ts";

const MEMBERS = [0, 1, 2];
const [GREEDY, READER] = [1, 2];
const CALLS = LIMITS.callsPerMemberMax;
/** As large as a block may be. */
const OPERATION = new Uint8Array(LIMITS.operationBytesMax);
const BODY = Array.from(
  { length: LIMITS.blockBytesMax / LIMITS.operationBytesMax },
  () => OPERATION,
);

const certificates: CertificateAndKey[] = [];
const built = new Map<number, number>();
let listener: Listener;

beforeAll(async () => {
  for (const number of MEMBERS) {
    certificates.push(await createPeerCertificate({ networkId, ...identityOf(number) }));
  }
  const api = createPeerDouble();
  api.fetchBlocks = async (_, caller) => {
    built.set(caller, (built.get(caller) ?? 0) + 1);
    const blocks = [{ header: new Uint8Array(200), operations: BODY }];
    return { blocks, finalHeight: height(1) };
  };
  const [certificate = expect.fail()] = certificates;
  listener = await openPeerListener({
    members: 4,
    host: "127.0.0.1",
    port: 0,
    certificate,
    check: certificateCheck,
    memberOf: (publicKey) => {
      const number = MEMBERS.find((one) => equalBytes(identityOf(one).publicKey, publicKey));
      return number === undefined ? undefined : validatorIndex(number);
    },
    api,
    log: createTestLog(),
    now: () => performance.now(),
    onFailure: (error) => expect.fail(String(error)),
  });
});

afterAll(() => listener.close(100));

test("32 unread questions for the largest blocks have two answers built at a time", async () => {
  const { certificate: cert, key } = certificates[GREEDY] ?? expect.fail();
  const session = connect(`https://127.0.0.1:${listener.port}`, {
    ...{ cert, key, rejectUnauthorized: false },
    settings: { initialWindowSize: 0 },
  });
  const query = create(FetchBlocksRequestSchema, {
    start: { case: "fromHeight", value: 1n },
    count: 1,
  });
  const body = toBinary(FetchBlocksRequestSchema, query);
  const streams = Array.from({ length: CALLS }, () => {
    const stream = open(session, PeerService.method.fetchBlocks.name);
    stream.end(body);
    return stream;
  });
  await expect.poll(() => built.get(GREEDY)).toBe(2);

  const { publicKey: identityKey } = identityOf(0);
  const reader = openPeerSession({
    address: `127.0.0.1:${listener.port}`,
    identityKey,
    certificate: certificates[READER] ?? expect.fail(),
    check: { networkId, verify },
    log: createTestLog(),
  });
  const start = { kind: "height", height: height(1) } as const;
  const client = createPeerClient(createPeerTransport(reader));
  for (let call = 0; call < 3; call++) {
    const answer = await client.fetchBlocks({ start, count: 1, headersOnly: false });
    expect(answer).toMatchObject({ finalHeight: 1 });
  }
  expect(built.get(READER)).toBe(3);
  expect(built.get(GREEDY)).toBe(2);
  // An abandoned one makes room for the next.
  streams[0]?.close();
  await expect.poll(() => built.get(GREEDY)).toBe(3);
  reader.close();
  session.destroy();
});
