// docs/api.md has an example of every call that the contract's own reader accepts, a meaning for every field, and
// only real reasons. `npm run check` shows that the page is the one generated from proto/.
import { readFileSync } from "node:fs";
import { type DescMethod, fromJson, type JsonValue } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { LedgerService } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { OperatorService } from "../../gen/countersign/v1/operator_service_pb.ts";
import { PeerService } from "../../gen/countersign/v1/peer_service_pb.ts";
import { REASONS } from "../../src/transport/errors.ts";

const page = readFileSync(new URL("../../docs/api.md", import.meta.url), "utf8");
const sections = new Map(
  page.split(/^##+ /m).map((text) => {
    const [title = ""] = text.split("\n");
    return [title, text] as const;
  }),
);
const methods: readonly DescMethod[] = [LedgerService, OperatorService, PeerService].flatMap(
  (service): readonly DescMethod[] => service.methods,
);

it.each(methods.map((method) => ({ name: `${method.parent.name}.${method.name}`, method })))(
  "$name has a request and an answer that the contract reads",
  ({ name, method }) => {
    const blocks = [...(sections.get(name) ?? "").matchAll(/^```json\n([\s\S]*?)^```$/gm)];
    const [request, response] = blocks.map(([, json = ""]): JsonValue => JSON.parse(json));
    if (request === undefined || response === undefined) throw new Error(`${name} lacks examples`);
    expect(() => fromJson(method.input, request)).not.toThrow();
    expect(() => fromJson(method.output, response)).not.toThrow();
  },
);

it("every field and every value has a meaning", () => {
  const rows = page.split("\n").filter((line) => line.startsWith("| `"));
  expect(rows.length).toBeGreaterThan(200);
  for (const row of rows) expect(row).toMatch(/\| [^|]*[A-Za-z][^|]*( \\\|[^|]*)* \|$/);
});

it("every reason that a call may be refused with is one, and is explained", () => {
  const named = [...sections].flatMap(([title, text]) => {
    const refusals = text.match(/[Rr]efused with[\s\S]*?\n\n/g) ?? [];
    return refusals.flatMap((part) =>
      [...part.matchAll(/\b[A-Z]+(?:_[A-Z]+)*\b/g)]
        .map(([reason]) => reason)
        .filter((reason) => reason.length > 4)
        .map((reason) => ({ title, reason })),
    );
  });
  expect(named.length).toBeGreaterThan(40);
  for (const { title, reason } of named) expect(Object.keys(REASONS), title).toContain(reason);
  for (const reason of Object.keys(REASONS)) expect(page).toContain(`| \`${reason}\` |`);
});
