/** T9: few lists are under way until their answers are read, and other calls do not wait for them. */
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { expect, it } from "vitest";
import { LedgerService } from "../../gen/countersign/v1/ledger_service_pb.ts";
import {
  anonymousCaller,
  type Principal,
  tokenPrincipal,
  walletPrincipal,
} from "../../src/access/principal.ts";
import { scopeSet } from "../../src/access/scope.ts";
import { LIMITS } from "../../src/primitives/limits.ts";
import { CallGate } from "../../src/transport/call-gate.ts";
import { clientBounds } from "../../src/transport/caller-bounds.ts";
import type { Admission, Wanted } from "../../src/transport/http-adapter.ts";
import { Refusal } from "../../src/transport/refusal.ts";
import { idOf } from "../ledger/fixture.ts";

const { ofOneMax, ofNamedMax, ofAnonymousMax } = LIMITS.listsOfClients;
const { listEntries, getNetwork, subscribe } = LedgerService.method;
/** Every call that gives pages. */
const LISTS = LedgerService.methods.filter(
  ({ input, methodKind }) =>
    methodKind === "unary" && input.fields.some(({ name }) => name === "cursor"),
);

/** A gate at which every caller may read, and is whom `name` says; without a name it is anonymous. */
function gateFor(
  principalOf: (name: string) => Principal = tokenPrincipal,
): (name: string | undefined, call?: Wanted) => Promise<Admission | Refusal> {
  let present: string | undefined;
  const gate = new CallGate({
    authenticator: {
      authenticate: async () =>
        present === undefined
          ? anonymousCaller(["read"])
          : { principal: principalOf(present), scopes: scopeSet(["read:all"]) },
    },
    bounds: clientBounds(() => 0, 600),
  });
  return async (name, call = listEntries) => {
    present = name;
    return await gate.admit(new IncomingMessage(new Socket()), call);
  };
}

it("T9: a caller has a few lists under way, and another one when an answer is read", async () => {
  const admit = gateFor();
  expect(LISTS.length).toBeGreaterThan(4);
  const admitted = await Promise.all(
    Array.from({ length: ofOneMax }, (_, i) => admit("one", LISTS[i % LISTS.length])),
  );
  expect(admitted.some((each) => each instanceof Refusal)).toBe(false);
  for (const list of LISTS) {
    expect(await admit("one", list), list.name).toMatchObject({ reason: "TOO_MANY_REQUESTS" });
  }
  expect(await admit("one", getNetwork)).not.toBeInstanceOf(Refusal);
  expect(await admit("other")).not.toBeInstanceOf(Refusal);
  const [first] = admitted;
  if (first === undefined || first instanceof Refusal) expect.fail("it was admitted");
  first.end(true);
  expect(await admit("one")).not.toBeInstanceOf(Refusal);
});

it("T9: callers without a credential take no list from callers with one", async () => {
  const admit = gateFor();
  for (let list = 0; list < Math.min(ofOneMax, ofAnonymousMax); list++) await admit(undefined);
  expect(await admit(undefined)).toMatchObject({ reason: "TOO_MANY_REQUESTS" });
  for (let list = 0; list < ofNamedMax; list++) {
    expect(await admit(`caller ${list}`)).not.toBeInstanceOf(Refusal);
  }
  expect(await admit("one more")).toMatchObject({ reason: "TOO_MANY_REQUESTS" });
});

it.each([
  { kind: "tokens", principalOf: tokenPrincipal, bounds: LIMITS.eventStreams.named },
  {
    kind: "wallets",
    principalOf: (name: string) => walletPrincipal(idOf(name)),
    bounds: LIMITS.eventStreams.wallets,
  },
])(
  "T9: one of the $kind takes few of the streams of all of them",
  async ({ principalOf, bounds }) => {
    const { ofOneMax, ofAllMax } = bounds;
    const admit = gateFor(principalOf);
    let open = 0;
    for (let caller = 0; open < ofAllMax; caller++) {
      for (let stream = 0; stream < ofOneMax && open < ofAllMax; stream++, open++) {
        expect(await admit(`caller ${caller}`, subscribe)).not.toBeInstanceOf(Refusal);
      }
      expect(await admit(`caller ${caller}`, subscribe)).toMatchObject({
        reason: "TOO_MANY_REQUESTS",
      });
    }
    expect(await admit("one more", subscribe)).toMatchObject({ reason: "TOO_MANY_REQUESTS" });
    expect(Math.ceil(ofAllMax / ofOneMax)).toBeGreaterThanOrEqual(12);
  },
);

it("T9: an address without a credential has four streams", async () => {
  const admit = gateFor();
  for (let stream = 0; stream < 4; stream++) {
    expect(await admit(undefined, subscribe)).not.toBeInstanceOf(Refusal);
  }
  expect(await admit(undefined, subscribe)).toMatchObject({ reason: "TOO_MANY_REQUESTS" });
});
