// Goal: batches of spans that follow one another at once all arrive. Method: a collector of its own, over HTTP.
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createOtlpExporter } from "../../../src/node/traces/otlp-exporter.ts";
import type { Span } from "../../../src/node/traces/span.ts";

let collector: Server;
let requests: string[];

beforeEach(async () => {
  requests = [];
  collector = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      requests.push(body);
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  });
  collector.listen(0, "127.0.0.1");
  await once(collector, "listening");
});
afterEach(() => {
  collector.closeAllConnections();
  collector.close();
});

const span = (spanId: string): Span => ({
  name: "admit",
  traceId: "0af7651916cd43dd8448eb211c80319c",
  spanId,
  start: 0n,
  end: 1n,
  attributes: {},
});

it("a batch is sent at once when the one before it has arrived", async () => {
  const { port } = collector.address() as AddressInfo;
  const exporter = createOtlpExporter({
    url: `http://127.0.0.1:${port}/v1/traces`,
    ca: undefined,
    authorization: undefined,
    node: "node1",
    network: "n",
    version: "1",
  });
  const ids = ["b7ad6b7169203331", "b7ad6b7169203332", "b7ad6b7169203333"];
  for (const id of ids) await exporter.send([span(id)]);
  expect(requests.map((body) => ids.find((id) => body.includes(id)))).toEqual(ids);
  await exporter.close();
});
