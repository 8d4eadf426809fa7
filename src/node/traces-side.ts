/** The side of a node process that makes traces of payments. Nothing of it is loaded where the configuration names no collector. */
import { toHex } from "../primitives/bytes.ts";
import type { NetworkId } from "../primitives/ids.ts";
import { readPrivateFile } from "../storage/private-file.ts";
import type { Log } from "./base/log.ts";
import { realSystem, realTraceClock } from "./base/system.ts";
import type { TraceObserver } from "./base/trace-observer.ts";
import { readAuthority } from "./files/client-tls.ts";
import type { NodeConfig } from "./files/config.ts";
import type { TraceFigures } from "./metrics/observed.ts";

export interface TracesSide {
  readonly observer: TraceObserver;
  readonly figures: TraceFigures;
  /** Sends what waits, in a bounded time. */
  close(): Promise<void>;
}

/** Undefined if the configuration has no `traces`. Throws ConfigError or StorageError if a file of theirs cannot be used. */
export async function openTraces(
  { file, node, traces }: Pick<NodeConfig, "file" | "node" | "traces">,
  about: { readonly networkId: NetworkId; readonly version: string; readonly log: Log },
): Promise<TracesSide | undefined> {
  if (traces === undefined) return undefined;
  const { url, oneIn, authorityFile, authorizationFile } = traces;
  const ca = authorityFile && readAuthority(file, "traces.authority", authorityFile);
  const secret = authorizationFile && (await readPrivateFile(authorizationFile));
  const authorization = secret ? Buffer.from(secret).toString("utf8").trim() : undefined;
  const [{ createOtlpExporter }, { SpanQueue }, { OperationTraces }] = await Promise.all([
    import("./traces/otlp-exporter.ts"),
    import("./traces/span-queue.ts"),
    import("./traces/operation-traces.ts"),
  ]);
  const { version, log } = about;
  const network = toHex(about.networkId);
  const exporter = createOtlpExporter({ url, ca, authorization, node, network, version });
  const system = realSystem;
  const spans = new SpanQueue({ exporter, system, log });
  const observer = new OperationTraces({ oneIn, spans, clock: realTraceClock(), system });
  return { observer, figures: spans.figures, close: () => spans.close() };
}
