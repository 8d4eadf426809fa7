import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { LIMITS } from "../../src/primitives/limits.ts";
import { Refusal } from "../../src/transport/refusal.ts";
import { type Gateway, openGateway, payment, refusalWith, run } from "./gateway.ts";
import { transferId, walletA, walletB } from "./ledger-double.ts";

let gateway: Gateway;

beforeAll(async () => {
  gateway = await openGateway();
});

afterAll(() => gateway.close());

beforeEach(() => gateway.reset());

describe.each(["--http1.1", "--http2"])("JSON with curl %s", (http) => {
  test("pays on the plain path and on the Connect route alike", async () => {
    for (const path of ["/transaction", "/countersign.v1.LedgerService/Transaction"]) {
      const answer = await gateway.post(path, payment, http);
      expect(answer).toMatchObject({
        status: 200,
        version: http === "--http2" ? "2" : "1.1",
        json: {
          transaction: { from: walletA, to: walletB, amount: "25", id: transferId },
          result: { status: "RESULT_STATUS_APPLIED" },
          receipt: {
            index: 2,
            sealPending: false,
            sealedHeader: { seal: expect.any(String), header: { height: "7", view: "9" } },
            keyCertificate: { threshold: 3, signatures: [{ signer: 0 }, {}, {}] },
          },
        },
      });
    }
    expect(gateway.ledger.asked[0]?.query).toEqual({
      kind: "custodial",
      from: walletA,
      to: walletB,
      amount: 25n,
      id: undefined,
      reference: undefined,
      validUntil: undefined,
      wait: "sealed",
    });
  });

  test("creates a wallet", async () => {
    const answer = await gateway.post("/wallet_creation", '{"initialBalance":"1000"}', http);
    expect(answer).toMatchObject({
      status: 200,
      json: {
        wallet: { id: walletA, asset: "EUR", balance: "1000", custodian: "node1" },
        creation: { walletId: walletA, initialBalance: "1000" },
        receipt: {},
      },
    });
    expect(gateway.ledger.asked[0]?.query).toMatchObject({ initialBalance: 1000n, wait: "sealed" });
  });

  test("lists peers by GET", async () => {
    expect(await gateway.curl("/peers", http)).toMatchObject({
      status: 200,
      json: {
        peers: [
          { nodeId: "node2", address: "127.0.0.1:7102", connected: true, lastHeight: "7" },
          { nodeId: "node3" },
          { nodeId: "node4", connected: false },
        ],
      },
    });
  });

  test("reads by GET with a JSON message in the query", async () => {
    const message = encodeURIComponent(JSON.stringify({ id: walletA }));
    const path = `/countersign.v1.LedgerService/GetWallet?encoding=json&message=${message}`;
    expect(await gateway.curl(path, http)).toMatchObject({
      status: 200,
      json: { wallet: { balance: "1000" }, height: "7", lagging: false },
    });
    const wrong = await gateway.curl(path.replace("%22id%22", "%22ID%22"), http);
    expect(wrong).toMatchObject({
      status: 400,
      json: refusalWith("invalid_argument", { reason: "MALFORMED", field: "ID" }),
    });
  });

  test("T12: registers and verifies on the plain paths", async () => {
    const bytes = (length: number) => Buffer.alloc(length, 1).toString("base64");
    const registration = {
      networkId: bytes(32),
      nodeId: "node2",
      address: "127.0.0.1:7102",
      clientAddress: "127.0.0.1:7002",
      journalId: bytes(16),
      starts: "3",
      rejoined: false,
      startId: bytes(16),
    };
    const body = JSON.stringify({ registration, signature: bytes(64) });
    expect(await gateway.post("/register", body, http)).toMatchObject({
      status: 200,
      json: { registration, signature: bytes(64) },
    });
    const statement = { networkId: bytes(32), sender: 1, commitment: { epoch: "1" } };
    const question = JSON.stringify({ statement, signature: bytes(64) });
    expect(await gateway.post("/verification", question, http)).toMatchObject({
      status: 200,
      json: { refused: { reason: "SHARE_REFUSAL_REASON_NOT_FINAL" } },
    });
  });

  test.each<[string, number, object, string[]]>([
    ["/nowhere", 404, refusalWith("unimplemented", { reason: "UNKNOWN_PATH" }), []],
    ["/", 404, refusalWith("unimplemented", { reason: "UNKNOWN_PATH" }), []],
    [
      "/countersign.v1.PeerService/FetchBlocks",
      404,
      refusalWith("unimplemented", { reason: "UNKNOWN_PATH" }),
      [],
    ],
    ["/transaction", 405, refusalWith("unimplemented", { reason: "METHOD_NOT_ALLOWED" }), []],
    [
      "/peers",
      405,
      refusalWith("unimplemented", { reason: "METHOD_NOT_ALLOWED" }),
      ["-d", "{}", "-H", "content-type: application/json"],
    ],
    [
      "/countersign.v1.LedgerService/Transaction?encoding=json&message={}",
      405,
      refusalWith("unimplemented", { reason: "METHOD_NOT_ALLOWED" }),
      ["-g"],
    ],
    [
      "/transaction",
      415,
      refusalWith("invalid_argument", { reason: "UNSUPPORTED_MEDIA_TYPE" }),
      ["-d", "{}"],
    ],
    [
      "/transaction",
      415,
      refusalWith("invalid_argument", { reason: "UNSUPPORTED_MEDIA_TYPE" }),
      ["-d", "", "-H", "content-type: application/proto"],
    ],
    [
      "/countersign.v1.LedgerService/Transaction",
      415,
      refusalWith("invalid_argument", { reason: "UNSUPPORTED_MEDIA_TYPE" }),
      ["-d", "{}", "-H", "content-type: text/json"],
    ],
    [
      "/countersign.v1.LedgerService/Transaction",
      415,
      refusalWith("invalid_argument", { reason: "UNSUPPORTED_MEDIA_TYPE" }),
      ["-d", "{}", "-H", "content-type: application/connect+json"],
    ],
    [
      "/countersign.v1.LedgerService/Transaction",
      415,
      refusalWith("invalid_argument", { reason: "UNSUPPORTED_MEDIA_TYPE" }),
      ["-d", "{}", "-H", "content-type:"],
    ],
    ["/peers?x=1", 400, refusalWith("invalid_argument", { reason: "MALFORMED" }), []],
    [
      "/countersign.v1.LedgerService/GetWallet?encoding=json&message={&x=1",
      400,
      refusalWith("invalid_argument", { reason: "MALFORMED" }),
      ["-g"],
    ],
  ])("answers %s with %i and a detail", async (path, status, json, args) => {
    expect(await gateway.curl(path, http, ...args)).toMatchObject({ status, json });
  });

  test.each([
    ['{"transaction":{"amount":9007199254740993}}', "MALFORMED", "transaction.amount"],
    ['{"transaction":{"amount":"1","amount":"2"}}', "MALFORMED", "transaction.amount"],
    ['{"transactions":{}}', "MALFORMED", "transactions"],
    ['{"transaction":{},"signature":"AB=="}', "MALFORMED", "signature"],
    ["{}", "MISSING_FIELD", "transaction"],
    ['{"transaction":{"amount":"1"}}', "MISSING_FIELD", "transaction.from"],
    [payment.replace(walletA, walletA.toUpperCase()), "MALFORMED", "transaction.from"],
    [payment.replace("}}", '},"signature":"AAAA"}'), "MALFORMED", "signature"],
    [
      payment.replace("}}", `},"signature":"${Buffer.alloc(64).toString("base64")}"}`),
      "MISSING_FIELD",
      "transaction.id",
    ],
    [payment.replace("}}", `,"reference":"${"é".repeat(71)}"}}`), "LIMIT", "transaction.reference"],
    [
      payment.replace("}}", ',"validUntil":"9007199254740992"}}'),
      "LIMIT",
      "transaction.validUntil",
    ],
  ])("refuses the payment %s", async (body, reason, field) => {
    for (const path of ["/transaction", "/countersign.v1.LedgerService/Transaction"]) {
      expect(await gateway.post(path, body, http)).toMatchObject({
        status: 400,
        json: refusalWith("invalid_argument", { reason, field }),
      });
    }
    expect(gateway.ledger.asked).toEqual([]);
  });

  test("refuses a body above the limit, plain or unpacked from gzip", async () => {
    const large = JSON.stringify({ asset: "x".repeat(300 * 1024) });
    await writeFile(join(gateway.folder, "large"), large);
    await run("gzip", ["-kf", join(gateway.folder, "large")]);
    const tooLarge = {
      status: 429,
      json: refusalWith("resource_exhausted", { reason: "TOO_LARGE" }),
    };
    expect(
      await gateway.post("/wallet_creation", `@${join(gateway.folder, "large")}`, http),
    ).toMatchObject(tooLarge);
    const packed = ["-H", "content-encoding: gzip"];
    const bomb = await gateway.post(
      "/wallet_creation",
      `@${join(gateway.folder, "large.gz")}`,
      http,
      ...packed,
    );
    expect(bomb).toMatchObject(tooLarge);
  });

  test("reads no body of very many values, plain or unpacked from gzip", async () => {
    const lists = "[],".repeat(LIMITS.clientMessageFieldsMax / 2);
    await writeFile(join(gateway.folder, "many"), `{"asset":[${lists}0]}`);
    await run("gzip", ["-kf", join(gateway.folder, "many")]);
    const packed = ["-H", "content-encoding: gzip"];
    const refused = {
      status: 400,
      json: refusalWith("invalid_argument", { reason: "LIMIT" }),
    };
    const [many, gz] = [join(gateway.folder, "many"), join(gateway.folder, "many.gz")];
    expect(await gateway.post("/wallet_creation", `@${many}`, http)).toMatchObject(refused);
    expect(await gateway.post("/wallet_creation", `@${gz}`, http, ...packed)).toMatchObject(
      refused,
    );
  });

  test("reads a body in gzip, strictly", async () => {
    await writeFile(join(gateway.folder, "small"), '{"initialBalance":1e3}');
    await run("gzip", ["-kf", join(gateway.folder, "small")]);
    const packed = ["-H", "content-encoding: gzip"];
    const answer = await gateway.post(
      "/wallet_creation",
      `@${join(gateway.folder, "small.gz")}`,
      http,
      ...packed,
    );
    expect(answer).toMatchObject({
      status: 400,
      json: refusalWith("invalid_argument", { field: "initialBalance" }),
    });
  });

  test("shows a refusal with its own remedy, metadata and retry hint", async () => {
    gateway.ledger.answer = async () =>
      new Refusal("POOL_FULL", {
        message: "the pool is full",
        remedy: "Wait.",
        metadata: { retryAfterMs: "1500" },
      });
    const answer = await gateway.post("/transaction", payment, http);
    expect(answer).toMatchObject({
      status: 429,
      json: refusalWith("resource_exhausted", {
        reason: "POOL_FULL",
        field: "",
        remedy: "Wait.",
        metadata: { retryAfterMs: "1500" },
      }),
    });
    expect(answer.headers).toContain("retry-after: 2");
  });

  test("says nothing of a failure but that there was one, and tells the node", async () => {
    gateway.ledger.answer = async () => {
      throw new Error("the secret of the house");
    };
    const answer = await gateway.post("/transaction", payment, http);
    expect(answer).toMatchObject({
      status: 500,
      json: refusalWith("internal", { reason: "INTERNAL" }),
    });
    expect(JSON.stringify(answer)).not.toContain("secret");
    expect(gateway.failures).toMatchObject([{ message: "the secret of the house" }]);
  });
});
