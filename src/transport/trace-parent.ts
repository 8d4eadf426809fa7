/** The header `traceparent` of a caller (W3C Trace Context, level 1). Its ids are shown in traces, and it decides nothing. */

export interface TraceParent {
  /** 32 hexadecimal digits in lower case, not all 0. */
  readonly traceId: string;
  /** 16 of them, not all 0. */
  readonly spanId: string;
}

/** Version 00 ends there; a later one may go on after another hyphen. */
const FORM = /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/;
/** More is no header that a tracer writes. */
const LENGTH_MAX = 256;

/** Undefined if there is none, or it does not have the form. Such a header is ignored, as the standard has it. */
export function readTraceParent(header: string | readonly string[] | undefined) {
  if (typeof header !== "string" || header.length > LENGTH_MAX) return undefined;
  const [, version = "", traceId = "", spanId = "", more] = FORM.exec(header) ?? [];
  if (version === "" || (version === "00" && more !== undefined)) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId } satisfies TraceParent;
}
