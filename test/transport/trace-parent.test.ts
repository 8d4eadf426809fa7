// The header traceparent is of anyone: only its exact form is taken, and nothing longer.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readTraceParent } from "../../src/transport/trace-parent.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";

describe("a traceparent", () => {
  it.each([`00-${TRACE}-${SPAN}-01`, `00-${TRACE}-${SPAN}-00`, `cc-${TRACE}-${SPAN}-01-later`])(
    "is taken: %s",
    (header) => {
      expect(readTraceParent(header)).toEqual({ traceId: TRACE, spanId: SPAN });
    },
  );

  it.each([
    ["absent", undefined],
    ["given twice", [`00-${TRACE}-${SPAN}-01`, `00-${TRACE}-${SPAN}-01`]],
    ["given twice, in one", `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`],
    ["of a version that is none", `ff-${TRACE}-${SPAN}-01`],
    ["longer than its version", `00-${TRACE}-${SPAN}-01-later`],
    ["without an end", `00-${TRACE}-${SPAN}`],
    ["with a trace of zeros", `00-${"0".repeat(32)}-${SPAN}-01`],
    ["with a span of zeros", `00-${TRACE}-${"0".repeat(16)}-01`],
    ["in capital letters", `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ["longer than any tracer writes", `cc-${TRACE}-${SPAN}-01-${"x".repeat(300)}`],
  ])("is ignored: %s", (_, header) => {
    expect(readTraceParent(header)).toBeUndefined();
  });

  it("of any text is ignored, or gives ids that may stand in a trace", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."0-af9F, ") }), (text) => {
        const read = readTraceParent(text);
        if (read === undefined) return;
        expect(read.traceId).toMatch(/^(?!0+$)[0-9a-f]{32}$/);
        expect(read.spanId).toMatch(/^(?!0+$)[0-9a-f]{16}$/);
      }),
    );
  });
});
