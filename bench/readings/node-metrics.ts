/** The metrics of a node, read from the page /metrics of its operator's socket (docs/metrics.md). */
import { request } from "node:http";

/** The sum over all label values of each metric, by the name without its prefix. */
export type NodeMetrics = ReadonlyMap<string, number>;

const PREFIX = "countersign_";
const LIMIT_MS = 30_000;
const BYTES_MAX = 16 * 1024 * 1024;

/** Rejects if the node does not answer. */
export async function readMetrics(socketPath: string): Promise<NodeMetrics> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const asked = request({ socketPath, path: "/metrics", timeout: LIMIT_MS, agent: false });
  asked.once("error", reject);
  asked.once("timeout", () => asked.destroy(new Error(`${socketPath} gives no metrics`)));
  asked.once("response", (answer) => {
    let text = "";
    answer.setEncoding("utf8");
    answer.on("data", (part: string) => {
      text += part;
      if (text.length > BYTES_MAX) asked.destroy(new Error("the page of metrics is too large"));
    });
    answer.once("error", reject);
    answer.once("end", () => {
      if (answer.statusCode === 200) resolve(text);
      else reject(new Error(`${socketPath}: /metrics answers ${answer.statusCode}`));
    });
  });
  asked.end();
  return parseMetrics(await promise);
}

/** Reads the text format of Prometheus. Buckets and quantiles are left out: they do not add up. */
export function parseMetrics(text: string): NodeMetrics {
  const sums = new Map<string, number>();
  for (const line of text.split("\n")) {
    const match = /^([a-zA-Z_:][\w:]*)(\{.*\})? (\S+)(?: \d+)?$/.exec(line);
    const [, name = "", labels = "", value = ""] = match ?? [];
    if (!name.startsWith(PREFIX) || name.endsWith("_bucket")) continue;
    if (/[{,]quantile="/.test(labels)) continue;
    const short = name.slice(PREFIX.length);
    sums.set(short, (sums.get(short) ?? 0) + Number(value));
  }
  return sums;
}

/** The growth of a counter between two readings; undefined if the node has no such metric. */
export function growth(before: NodeMetrics, after: NodeMetrics, name: string): number | undefined {
  const [from, to] = [before.get(name), after.get(name)];
  return from === undefined || to === undefined ? undefined : to - from;
}
