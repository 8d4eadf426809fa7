// T9: the rates at which lists are read. No kind of caller takes what another kind may read.
import { expect, it } from "vitest";
import {
  anonymousCaller,
  type Caller,
  OPEN_CALLER,
  tokenPrincipal,
  walletPrincipal,
} from "../../../src/access/principal.ts";
import { ListReads, READS_PER_CALL_MAX } from "../../../src/node/clients/list-reads.ts";
import { idOf } from "../../ledger/fixture.ts";

const anonymous = anonymousCaller(["read"]);
const named: Caller = { ...anonymous, principal: tokenPrincipal("payments") };
const wallet: Caller = { ...anonymous, principal: walletPrincipal(idOf("wallet")) };

/** Callers of this kind read until all of them are refused, each with a text of its own to count it under. */
function exhaust(reads: ListReads, caller: Caller): number {
  for (let calls = 0; calls < 1_000; calls++) {
    const reader = { caller, countedAs: `caller ${calls}` };
    if (reads.begin(reader, READS_PER_CALL_MAX) !== undefined) return calls;
  }
  return expect.fail("callers of one kind have a bound together");
}

it.each([
  { kind: "an address without a credential", caller: anonymous },
  { kind: "a wallet that signs", caller: wallet },
  { kind: "a principal with a credential", caller: named },
])(
  "T9: $kind takes a quarter of what its kind may read, and three of them leave the rest",
  ({ caller }) => {
    let now = 0;
    const reads = new ListReads(() => now);
    const flood = (countedAs: string) => {
      let calls = 0;
      while (reads.begin({ caller, countedAs }, 1) === undefined) calls += 1;
      return calls;
    };
    for (let second = 0; second < 60; second++) {
      for (const countedAs of ["one", "two", "three"]) expect(flood(countedAs)).toBeGreaterThan(0);
      now += 1_000;
    }
    // The fourth has a quarter too, while the others take all that they can.
    const counts = ["one", "two", "three"].map(flood);
    const fourth = flood("four");
    for (const count of counts) expect(fourth).toBeGreaterThanOrEqual(count);
    expect(reads.begin({ caller, countedAs: "five" }, READS_PER_CALL_MAX)).toBeUndefined();
  },
);

it.each([
  { kind: "callers without a credential", flood: anonymous, others: [named, wallet] },
  { kind: "wallets that sign", flood: wallet, others: [named, anonymous] },
  { kind: "callers with a credential", flood: named, others: [wallet, anonymous] },
  { kind: "the callers of an open node", flood: OPEN_CALLER, others: [wallet, anonymous] },
])("T9: $kind, however many, leave the others what these may read", ({ flood, others }) => {
  const reads = new ListReads(() => 0);
  exhaust(reads, flood);
  for (const caller of others) {
    const reader = { caller, countedAs: `another ${caller.principal}` };
    expect(reads.begin(reader, READS_PER_CALL_MAX), caller.principal).toBeUndefined();
  }
});

it("T9: a caller that is refused for its kind reads on when the time has come that it was told", () => {
  let now = 0;
  const reads = new ListReads(() => now);
  exhaust(reads, anonymous);
  const reader = { caller: anonymous, countedAs: "another" };
  const refusal = reads.begin(reader, READS_PER_CALL_MAX);
  expect(refusal).toMatchObject({ reason: "TOO_MANY_REQUESTS" });
  now += Number(refusal?.metadata["retryAfterMs"]);
  expect(reads.begin(reader, READS_PER_CALL_MAX)).toBeUndefined();
});
