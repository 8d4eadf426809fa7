import { Code } from "@connectrpc/connect";
import { expect, it } from "vitest";
import { tooFast } from "../../../src/node/clients/refusals.ts";
import type { UnpaidKind } from "../../../src/primitives/member-shares.ts";
import { readRefusal, toConnectError } from "../../../src/transport/errors.ts";

it.each<{ of: UnpaidKind; field: string; remedy: RegExp }>([
  { of: "sponsored", field: "initialBalance", remedy: /issuer/ },
  { of: "uncovered", field: "transaction.amount", remedy: /under way/ },
])(
  "T9: an order that costs its author nothing and comes too fast is refused with its field, its remedy and its time: $of",
  ({ of, field, remedy }) => {
    const error = toConnectError(tooFast({ kind: "tooFast", of, waitMs: 120 }));
    expect(error.code).toBe(Code.ResourceExhausted);
    expect(readRefusal(error)).toMatchObject({
      reason: "TOO_MANY_REQUESTS",
      field,
      remedy: expect.stringMatching(remedy),
      metadata: { retryAfterMs: "120" },
    });
  },
);
