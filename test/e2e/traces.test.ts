/**
 * Goal: one payment is one trace over four nodes, whose root is linked to the span of its caller; a collector that is away, slow or
 * wrong holds nothing up. Method: four real nodes, and a collector of the test's own that reads OTLP.
 */
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Devnet, type DevnetPlace, leavePlace, newPlace } from "../support/devnet.ts";
import { run } from "../support/guarded-process.ts";

interface OtlpValue {
  readonly stringValue?: string;
  readonly intValue?: string | number;
}
interface OtlpAttribute {
  readonly key: string;
  readonly value: OtlpValue;
}
interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly OtlpAttribute[];
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
}
interface OtlpRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly OtlpAttribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
}
interface Collected extends OtlpSpan {
  readonly node: string;
  readonly texts: Readonly<Record<string, string>>;
}

const POLL = { timeout: 120_000, interval: 200 };
const NODES = ["node1", "node2", "node3", "node4"];
const AUTHORIZATION = "Bearer of-the-collector";

const spans: Collected[] = [];
const seen = { requests: 0, unauthorized: 0 };
let answer = 200;
let collector: Server;
let place: DevnetPlace;
let net: Devnet;

const textsOf = (attributes: readonly OtlpAttribute[]) =>
  Object.fromEntries(
    attributes.map(({ key, value }) => [key, value.stringValue ?? `${value.intValue}`]),
  );

function startCollector(): Promise<Server> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      seen.requests += 1;
      if (request.headers.authorization !== AUTHORIZATION) seen.unauthorized += 1;
      if (answer === 200) {
        const { resourceSpans }: OtlpRequest = JSON.parse(Buffer.concat(chunks).toString());
        for (const { resource, scopeSpans } of resourceSpans) {
          const { "service.instance.id": node = "" } = textsOf(resource.attributes);
          for (const span of scopeSpans.flatMap((scope) => scope.spans))
            spans.push({ ...span, node, texts: textsOf(span.attributes) });
        }
      }
      response.writeHead(answer, { "content-type": "application/json" }).end("{}");
    });
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

/** The spans of the payment whose gateway's caller was in this trace, once each node has sent `names`. */
async function traceOf(caller: string, isWhole: (all: readonly Collected[]) => boolean) {
  let all: readonly Collected[] = [];
  await expect
    .poll(() => {
      const root = spans.find(({ links }) => links?.some(({ traceId }) => traceId === caller));
      all = spans.filter(({ traceId }) => traceId === root?.traceId);
      return isWhole(all);
    }, POLL)
    .toBe(true);
  return all;
}

const namesAt = (all: readonly Collected[], node: string) =>
  all
    .filter((one) => one.node === node)
    .map(({ name }) => name)
    .sort();

/** Pays by curl, with these headers. */
async function pay(gateway: number, headers: readonly string[]): Promise<void> {
  const calls = net.calls(gateway);
  const [from, to] = await Promise.all([
    calls.walletCreation({ initialBalance: 1_000n }),
    calls.walletCreation({}),
  ]);
  const transaction = { from: from.wallet?.id, to: to.wallet?.id, amount: "25" };
  const command = ["curl", "-sS", "--fail-with-body", "--cacert", net.caFile];
  for (const header of ["content-type: application/json", ...headers]) command.push("-H", header);
  const body = JSON.stringify({ transaction, wait: "WAIT_SEALED" });
  const paid = await run([...command, `${net.node(gateway).url}/transaction`, "-d", body], {
    limitMs: 120_000,
  });
  expect(paid).toMatchObject({ code: 0, stdout: expect.stringContaining("STATUS_APPLIED") });
}

beforeAll(async () => {
  collector = await startCollector();
  place = await newPlace();
  net = await Devnet.start(place);
  const { port } = collector.address() as AddressInfo;
  for (const [index] of NODES.entries()) {
    const { configFile, folder } = net.node(index);
    const config = JSON.parse(readFileSync(configFile, "utf8"));
    writeFileSync(`${folder}/collector`, `${AUTHORIZATION}\n`, { mode: 0o600 });
    const endpoint = `http://127.0.0.1:${port}/v1/traces`;
    config.traces = { endpoint, oneIn: 1, authorization: "collector" };
    writeFileSync(configFile, JSON.stringify(config));
    await net.kill(index);
    await net.restart(index);
  }
  await net.untilLinked();
});

afterAll(async () => {
  await net?.stop();
  collector?.close();
  await leavePlace(place);
});

const traceparent = () => {
  const [traceId, spanId] = [randomBytes(16).toString("hex"), randomBytes(8).toString("hex")];
  return { traceId, spanId, header: `traceparent: 00-${traceId}-${spanId}-00` };
};

describe("a payment", () => {
  it("is one trace over four nodes, from its caller's span to its receipt", async () => {
    const caller = traceparent();
    await pay(1, [caller.header]);
    const all = await traceOf(caller.traceId, (some) =>
      NODES.every((node) => namesAt(some, node).includes("seal")),
    );
    const [root, ...others] = all.filter(({ name }) => name === "payment");
    expect(others).toEqual([]);
    expect(root).toMatchObject({ node: "node2", texts: { "countersign.outcome": "applied" } });
    expect(root?.parentSpanId ?? "").toBe("");
    expect(root?.links).toMatchObject([{ traceId: caller.traceId, spanId: caller.spanId }]);
    // The trace has the operation's hash for its name, which is in logs and receipts too.
    const [operation = ""] = new Set(all.map(({ texts }) => texts["countersign.operation"]));
    expect(operation.slice(0, 32)).toBe(root?.traceId);
    expect(new Set(all.map(({ texts }) => texts["countersign.operation"])).size).toBe(1);
    expect(new Set(all.map(({ spanId }) => spanId)).size).toBe(all.length);
    for (const one of all) {
      if (one !== root) expect(one.parentSpanId).toBe(root?.spanId);
      expect(BigInt(one.endTimeUnixNano) >= BigInt(one.startTimeUnixNano)).toBe(true);
    }
    const nodesWith = (name: string) =>
      new Set(all.filter((one) => one.name === name).map(({ node }) => node)).size;
    // The gateway admits and answers, and every node commits and learns the seal.
    expect(namesAt(all, "node2")).toEqual(expect.arrayContaining(["admit", "receipt"]));
    for (const node of NODES) expect(namesAt(all, node)).toContain("commit");
    // A quorum is three of four. The leader's vote to notarize is a part of its proposal, and the coordinator's own share of its seal.
    expect(nodesWith("propose")).toBeGreaterThanOrEqual(1);
    for (const name of ["disseminate", "execute", "verify", "notarize", "seal share"])
      expect(nodesWith(name), name).toBeGreaterThanOrEqual(2);
    expect(nodesWith("finalize")).toBeGreaterThanOrEqual(3);
    expect(seen.unauthorized).toBe(0);
  });

  it.each([
    ["a version that never was", `ff-${"1".repeat(32)}-${"2".repeat(16)}-01`],
    ["ids of zeros", `00-${"0".repeat(32)}-${"0".repeat(16)}-01`],
    ["more than version 00 has", `00-${"3".repeat(32)}-${"2".repeat(16)}-01-more`],
    ["capital letters", `00-${"A".repeat(32)}-${"2".repeat(16)}-01`],
    ["a very long text", `00-${"4".repeat(4000)}`],
  ])("with a traceparent of %s is paid, and linked to nothing", async (_, header) => {
    const before = spans.length;
    await pay(0, [`traceparent: ${header}`]);
    await expect
      .poll(() => spans.slice(before).filter(({ name }) => name === "payment").length, POLL)
      .toBe(3);
    for (const { links } of spans.slice(before)) expect(links ?? []).toEqual([]);
  });

  it("is paid while the collector refuses everything, and what it missed is counted", async () => {
    answer = 400;
    await pay(2, []);
    const socket = `${net.node(2).folder}/operator.sock`;
    const failed = async () => {
      const page = await run(["curl", "-sS", "--unix-socket", socket, "http://localhost/metrics"]);
      const [, count] = /trace_spans_total\{result="failed"\} (\d+)/.exec(page.stdout) ?? [];
      return Number(count ?? "-1");
    };
    await expect.poll(failed, POLL).toBeGreaterThan(0);
    answer = 200;
  });
});
