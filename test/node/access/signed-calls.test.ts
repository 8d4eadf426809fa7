// Signed reads over real TLS: in every protocol, for the body that was signed and for no other, with bounds of their own.
import { createPublicKey } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { createClient, type Interceptor, type Transport } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { LedgerService } from "../../../gen/countersign/v1/ledger_service_pb.ts";
import { walletPrincipal } from "../../../src/access/principal.ts";
import { tokenText } from "../../../src/access/token.ts";
import { createGatewayClient } from "../../../src/client/gateway-client.ts";
import {
  type BodyOf,
  grpcBody,
  jsonBody,
  protoBody,
  signedBy,
  signReads,
} from "../../../src/client/signed-reads.ts";
import { Wallet } from "../../../src/client/wallet.ts";
import { AccessControl } from "../../../src/node/access/access-control.ts";
import { Guesses } from "../../../src/node/access/guesses.ts";
import { WalletSignatures } from "../../../src/node/access/wallet-signatures.ts";
import { sha256 } from "../../../src/node/base/crypto.ts";
import { inlineChecker } from "../../../src/node/base/signature-checker.ts";
import { realSystem } from "../../../src/node/base/system.ts";
import { toHex, utf8 } from "../../../src/primitives/bytes.ts";
import type { WalletId } from "../../../src/primitives/ids.ts";
import { LIMITS } from "../../../src/primitives/limits.ts";
import type { PublicKey } from "../../../src/primitives/signature.ts";
import { clientBounds } from "../../../src/transport/caller-bounds.ts";
import { readRefusal } from "../../../src/transport/errors.ts";
import { namedSigningKey, randomUuid } from "../../support/operations.ts";
import { type Answer, type Gateway, openGateway, run } from "../../transport/gateway.ts";
import { networkId } from "../../transport/identities.ts";
import { transferId } from "../../transport/ledger-double.ts";

const NODE = "node1";
const PATH = "/countersign.v1.LedgerService/GetWallet";
const [alice, bob] = ["alice", "bob"].map((name) => {
  const key = namedSigningKey(`signed calls of ${name}`);
  return new Wallet({ networkId, hash: sha256, key, creationId: randomUuid() });
}) as [Wallet, Wallet];
const body = JSON.stringify({ id: alice.id });

let gateway: Gateway;
/** The wallets that the node knows. */
let keys: Map<WalletId, PublicKey>;

beforeAll(async () => {
  keys = new Map([alice, bob].map(({ id, publicKey }) => [id, publicKey]));
  const signatures = new WalletSignatures({
    networkId,
    node: NODE,
    wallets: { keyOf: (wallet) => keys.get(wallet) },
    checker: inlineChecker,
    system: realSystem,
  });
  const guesses = new Guesses(realSystem.monotonic);
  gateway = await openGateway({
    authenticator: new AccessControl({ ways: [signatures], guesses, publicReads: false }),
    bounds: clientBounds(realSystem.monotonic, 600),
  });
});

beforeEach(() => gateway.reset());

afterAll(() => gateway.close());

function headerOf(wallet: Wallet, signed: string | Uint8Array, call = PATH.slice(1)): string {
  const bytes = typeof signed === "string" ? utf8(signed) : signed;
  return wallet.signRead({ node: NODE, call, body: bytes, signedAt: Date.now() });
}

function post(authorization: string, sent = body, path = PATH): Promise<Answer> {
  return gateway.post(path, sent, "-H", `authorization: ${authorization}`);
}

function reasonOf({ json }: Answer): string {
  const { details } = json as { details?: { debug?: { reason?: string } }[] };
  const { reason = "in" } = details?.[0]?.debug ?? {};
  return reason === "UNKNOWN_WALLET" ? "in" : reason;
}

/** The ledger double knows none of these wallets: a call that it refuses for that is through. */
async function through(call: Promise<unknown>): Promise<void> {
  await call.catch((error: unknown) => {
    if (readRefusal(error)?.reason !== "UNKNOWN_WALLET") throw error;
  });
}

const principals = () => gateway.ledger.asked.map(({ call }) => call?.caller.principal);

interface Protocol {
  readonly name: string;
  readonly bodyOf: BodyOf;
  readonly open: (interceptors: Interceptor[]) => Transport;
}

const options = (interceptors: Interceptor[]) => ({
  baseUrl: gateway.url,
  nodeOptions: { ca: gateway.ca },
  interceptors,
});

const PROTOCOLS: readonly Protocol[] = [
  {
    name: "Connect in JSON over HTTP/1.1",
    bodyOf: jsonBody,
    open: (interceptors) =>
      createConnectTransport({
        ...options(interceptors),
        httpVersion: "1.1",
        useBinaryFormat: false,
      }),
  },
  {
    name: "Connect in binary over HTTP/2",
    bodyOf: protoBody,
    open: (interceptors) =>
      createConnectTransport({
        ...options(interceptors),
        httpVersion: "2",
        useBinaryFormat: true,
      }),
  },
  {
    name: "gRPC",
    bodyOf: grpcBody,
    open: (interceptors) => createGrpcTransport(options(interceptors)),
  },
  {
    name: "gRPC-Web",
    bodyOf: grpcBody,
    open: (interceptors) =>
      createGrpcWebTransport({ ...options(interceptors), httpVersion: "1.1" }),
  },
];

describe("T14: a call that a wallet signs", () => {
  it.each(PROTOCOLS)("is that wallet's, by $name", async ({ bodyOf, open }) => {
    const sign = signReads({ node: NODE, bodyOf, now: Date.now });
    const calls = createClient(LedgerService, open([sign]));
    await through(calls.getWallet({ id: alice.id }, signedBy(alice)));
    await through(calls.getReceipt({ from: alice.id, id: transferId }, signedBy(alice)));
    expect(principals()).toEqual([walletPrincipal(alice.id), walletPrincipal(alice.id)]);
    await expect(calls.getWallet({ id: alice.id })).rejects.toThrow(/needs a credential/);
  });

  it("is refused in every protocol if the body has another message than was signed", async () => {
    for (const { name, bodyOf, open } of PROTOCOLS) {
      const change: Interceptor = (next) => (request) => {
        if (!request.stream) Object.assign(request.message, { id: bob.id });
        return next(request);
      };
      const sign = signReads({ node: NODE, bodyOf, now: Date.now });
      const calls = createClient(LedgerService, open([sign, change]));
      const error = await calls.getWallet({ id: alice.id }, signedBy(alice)).then(
        () => expect.fail(name),
        (thrown: unknown) => thrown,
      );
      expect(readRefusal(error), name).toMatchObject({ reason: "UNAUTHENTICATED" });
    }
    expect(principals()).toEqual([]);
  });

  it("is signed anew by our client, beside its token for other calls", async () => {
    const token = tokenText(new Uint8Array(32).fill(1));
    const client = createGatewayClient({
      baseUrl: gateway.url,
      ca: gateway.ca,
      node: NODE,
      token,
    });
    await through(client.calls.getWallet({ id: alice.id }, signedBy(alice)));
    await through(client.calls.getWallet({ id: bob.id }, signedBy(bob)));
    expect(principals()).toEqual([alice, bob].map(({ id }) => walletPrincipal(id)));
    await expect(client.calls.getWallet({ id: bob.id })).rejects.toThrow(/no credential of a kind/);
    await expect(client.calls.getStatus({}, signedBy(alice))).rejects.toThrow(/wallet signs/);
    client.close();
  });
});

describe("T14: the commands of docs/signing.md", () => {
  const page = readFileSync(new URL("../../../docs/signing.md", import.meta.url), "utf8");
  const block = /<!-- signing-test: read -->\n```sh\n([\s\S]*?)```/.exec(page)?.[1] ?? "";

  async function follow(node: string, wallet: string): Promise<string> {
    const script = [
      "set -euo pipefail",
      `cd '${gateway.folder}'`,
      // The genesis of these tests is its hash alone.
      `countersign() { echo ${toHex(networkId)}; }`,
      `NODE=${node} WALLET=${wallet} ADDRESS=${new URL(gateway.url).host}`,
      block,
    ];
    const { stdout } = await run("bash", ["-c", script.join("\n")]);
    return reasonOf({ status: 0, version: "", headers: "", json: JSON.parse(stdout) });
  }

  it("make a signed read by openssl and curl, at that node and of that wallet alone", async () => {
    const file = join(gateway.folder, "key.pem");
    await run("openssl", ["genpkey", "-algorithm", "ed25519", "-out", file]);
    const der = createPublicKey(readFileSync(file)).export({ format: "der", type: "spki" });
    const wallet = randomUuid();
    keys.set(wallet, new Uint8Array(der.subarray(-32)));
    expect(await follow(NODE, wallet)).toBe("in");
    expect(principals()).toEqual([walletPrincipal(wallet)]);
    expect(await follow("node2", wallet)).toBe("UNAUTHENTICATED");
    expect(await follow(NODE, alice.id)).toBe("UNAUTHENTICATED");
  });
});

describe("T14: the body of a signed read", () => {
  it("may be sent again within its time, byte for byte", async () => {
    const header = headerOf(alice, body);
    expect(reasonOf(await post(header))).toBe("in");
    expect(reasonOf(await post(header))).toBe("in");
  });

  it("is the one that was signed, to the last byte", async () => {
    for (const sent of [
      body.replace("{", "{ "),
      `${body}\n`,
      JSON.stringify({ id: bob.id }),
      "{}",
    ]) {
      expect(reasonOf(await post(headerOf(alice, body), sent)), sent).toBe("UNAUTHENTICATED");
    }
    expect(principals()).toEqual([]);
  });

  it("is judged before it is read: one that is no JSON is refused for its digest", async () => {
    expect(reasonOf(await post(headerOf(alice, body), "no JSON"))).toBe("UNAUTHENTICATED");
    expect(reasonOf(await post(headerOf(alice, "no JSON"), "no JSON"))).toBe("MALFORMED");
  });

  it("is signed as it is sent: compressed, if it is", async () => {
    const packed = gzipSync(body);
    const file = join(gateway.folder, "body.gz");
    writeFileSync(file, packed);
    const send = (header: string) =>
      post(header, `@${file}`).then(reasonOf, (error: unknown) => error);
    const gzip = (header: string) =>
      gateway
        .curl(
          PATH,
          ...["-H", "content-type: application/json", "-H", "content-encoding: gzip"],
          ...["-H", `authorization: ${header}`, "--data-binary", `@${file}`],
        )
        .then(reasonOf);
    expect(await gzip(headerOf(alice, packed))).toBe("in");
    expect(await gzip(headerOf(alice, body))).toBe("UNAUTHENTICATED");
    expect(await send(headerOf(alice, packed))).toBe("MALFORMED");
  });

  it("is no query: a GET is refused, however it is signed", async () => {
    const query = `?encoding=json&message=${encodeURIComponent(body)}`;
    const header = ["-H", `authorization: ${headerOf(alice, "")}`];
    const answer = await gateway.curl(`${PATH}${query}`, ...header);
    expect(answer.status).toBe(401);
    expect(reasonOf(answer)).toBe("UNAUTHENTICATED");
    expect(principals()).toEqual([]);
  });
});

describe("T14: the header of a signed read", () => {
  it("is good for no other call", async () => {
    const captured = headerOf(alice, body);
    const receipt = "/countersign.v1.LedgerService/GetReceipt";
    expect(reasonOf(await post(captured, body, receipt))).toBe("UNAUTHENTICATED");
    expect(reasonOf(await post(captured, body, "/transaction"))).toBe("UNAUTHENTICATED");
  });

  it("gives no scope at a call that it was signed for and that is no read of a wallet", async () => {
    const call = "countersign.v1.LedgerService/GetStatus";
    const answer = await post(headerOf(alice, "{}", call), "{}", `/${call}`);
    expect(reasonOf(answer)).toBe("PERMISSION_DENIED");
    expect(answer.json).toMatchObject({ details: [{ debug: { metadata: { scope: "read" } } }] });
  });

  it("stands alone: a second one is refused, of either kind and in either order", async () => {
    const signed = headerOf(alice, body);
    const bearer = `Bearer ${tokenText(new Uint8Array(32))}`;
    for (const pair of [
      [signed, signed],
      [signed, headerOf(bob, body)],
      [signed, bearer],
      [bearer, signed],
    ]) {
      const headers = pair.flatMap((header) => ["-H", `authorization: ${header}`]);
      for (const http of ["--http1.1", "--http2"]) {
        expect(reasonOf(await gateway.post(PATH, body, http, ...headers))).toBe("MALFORMED");
      }
    }
    expect(reasonOf(await post(`${signed}, ${signed}`))).toBe("UNAUTHENTICATED");
    expect(principals()).toEqual([]);
  });

  it("is refused if it is oversized, and the node goes on", async () => {
    const large = `${headerOf(alice, body)}${"0".repeat(8 * 1024)}`;
    expect(reasonOf(await post(large))).toBe("UNAUTHENTICATED");
    const larger = `${headerOf(alice, body)}${"0".repeat(LIMITS.requestHeadBytesMax)}`;
    for (const http of ["--http1.1", "--http2"]) {
      const sent = gateway.post(PATH, body, http, "-H", `authorization: ${larger}`);
      // HTTP/1.1 answers 431; HTTP/2 ends the stream.
      expect(
        await sent.then(
          ({ status }) => status,
          () => "ended",
        ),
      ).not.toBe(200);
    }
    expect(reasonOf(await post(headerOf(alice, body)))).toBe("in");
  });
});

describe("T14: the calls of a wallet", () => {
  it("have a rate of their own for each wallet, which is not that of its address", async () => {
    const { ofWallet } = LIMITS.walletCalls;
    const bounds = clientBounds(() => 0, 600);
    for (let i = 0; i < ofWallet.burst; i++) {
      const end = bounds.wallets.begin(walletPrincipal(alice.id));
      expect(end).toBeTypeOf("function");
      if (typeof end === "function") end();
    }
    expect(bounds.wallets.begin(walletPrincipal(alice.id))).toMatchObject({
      reason: "TOO_MANY_REQUESTS",
    });
    expect(bounds.wallets.begin(walletPrincipal(bob.id))).toBeTypeOf("function");
  });

  it("are counted under the wallet", async () => {
    await post(headerOf(alice, body));
    expect(gateway.ledger.asked.map(({ call }) => call?.countedAs)).toEqual([
      walletPrincipal(alice.id),
    ]);
  });
});
