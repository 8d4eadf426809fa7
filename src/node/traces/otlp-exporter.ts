/** Sends spans to a collector by OTLP over HTTP, as JSON. The library is loaded with this file, by nodes that have traces alone. */
import { SpanKind, SpanStatusCode, TraceFlags } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { type Resource, resourceFromAttributes } from "@opentelemetry/resources";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import type { Span } from "./span.ts";
import type { SpanExporter } from "./span-queue.ts";

export interface OtlpParts {
  readonly url: string;
  /** PEM of its authorities; undefined: the public ones. */
  readonly ca: string | undefined;
  /** Value of the header `authorization`. */
  readonly authorization: string | undefined;
  readonly node: string;
  readonly network: string;
  readonly version: string;
}

const SECOND = 1_000_000_000n;
const SUCCESS = 0;
/** The longest that a request may take, with its repetitions, milliseconds. */
const SEND_MS = 5_000;

export function createOtlpExporter(parts: OtlpParts): SpanExporter {
  const { url, ca, authorization, node, network, version } = parts;
  const exporter = new OTLPTraceExporter({
    url,
    headers: authorization === undefined ? {} : { authorization },
    // The queue sends one request at a time, but to the exporter a request ends a moment after it has told its end.
    concurrencyLimit: 2,
    timeoutMillis: SEND_MS,
    httpAgentOptions: { keepAlive: true, maxSockets: 1, ...(ca === undefined ? {} : { ca }) },
  });
  const resource = resourceFromAttributes({
    "service.name": "countersign",
    "service.version": version,
    "service.instance.id": node,
    "countersign.network": network,
  });
  return {
    send: (spans) =>
      new Promise((resolve, reject) => {
        const readable = spans.map((span) => readableOf(span, resource, version));
        exporter.export(readable, ({ code, error }) => {
          if (code === SUCCESS) resolve();
          else reject(error ?? new Error("the collector took nothing"));
        });
      }),
    close: () => exporter.shutdown(),
  };
}

function readableOf(span: Span, resource: Resource, version: string): ReadableSpan {
  const { name, traceId, spanId, parentSpanId, start, attributes, link } = span;
  const end = span.end > start ? span.end : start;
  const context = (of: { readonly traceId: string; readonly spanId: string }) => {
    return { traceId: of.traceId, spanId: of.spanId, traceFlags: TraceFlags.SAMPLED };
  };
  return {
    name,
    kind: parentSpanId === undefined ? SpanKind.SERVER : SpanKind.INTERNAL,
    spanContext: () => context({ traceId, spanId }),
    ...(parentSpanId === undefined
      ? {}
      : { parentSpanContext: context({ traceId, spanId: parentSpanId }) }),
    startTime: timeOf(start),
    endTime: timeOf(end),
    duration: timeOf(end - start),
    status: { code: SpanStatusCode.UNSET },
    attributes,
    links: link === undefined ? [] : [{ context: context(link) }],
    events: [],
    ended: true,
    resource,
    instrumentationScope: { name: "countersign", version },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

function timeOf(nanoseconds: bigint): [number, number] {
  return [Number(nanoseconds / SECOND), Number(nanoseconds % SECOND)];
}
