/** A span of a payment's trace, as this node made it; otlp-exporter.ts gives it the form of OpenTelemetry. */
import type { TraceParent } from "../../transport/trace-parent.ts";
import type { TraceTime } from "../base/trace-observer.ts";

/**
 * `payment` is the whole, at its gateway, from the call of the client that brought it in to the answer; `ask` is another call for it, or
 * one that was refused. The others are steps of it at one node.
 */
export type SpanName =
  | "payment"
  | "admit"
  | "disseminate"
  | "propose"
  | "verify"
  | "execute"
  | "notarize"
  | "finalize"
  | "commit"
  | "seal share"
  | "seal"
  | "receipt"
  | "ask";

export interface Span {
  readonly name: SpanName;
  readonly traceId: string;
  readonly spanId: string;
  /** Absent for a root. */
  readonly parentSpanId?: string | undefined;
  readonly start: TraceTime;
  readonly end: TraceTime;
  readonly attributes: Readonly<Record<string, string | number>>;
  /** The caller's own span. */
  readonly link?: TraceParent | undefined;
}
