/** The seal engine checks the seals that peers send. */
import { describe, expect, it } from "vitest";
import { entropy } from "../../../src/node/base/crypto.ts";
import { type FromEngine, SealEngine } from "../../../src/node/sealing/seal-engine.ts";
import type { ValidatorIndex } from "../../../src/primitives/numbers.ts";
import { height } from "../../../src/primitives/numbers.ts";
import type { Signature } from "../../../src/primitives/signature.ts";
import { index } from "../../seal/fixture.ts";
import { headerAt, headerTarget, SealWorld, sharesOf } from "../../seal/seal-world.ts";

/** An engine with a final header at height 1 and none above it. */
function engine() {
  const [share] = sharesOf(4);
  if (share === undefined) throw new Error("no share");
  const said: FromEngine[] = [];
  const setup = {
    self: index(0),
    run: 1,
    key: share.key,
    share,
    patienceMs: 100,
    patienceMaxMs: 100,
  };
  const made = new SealEngine(setup, { monotonic: () => 0, entropy }, (message) =>
    said.push(message),
  );
  made.handle({ kind: "header", height: height(1), bytes: headerAt(1) });
  const claim = (at: number, from?: ValidatorIndex, seal: Signature = new Uint8Array(64)) => {
    made.handle({ kind: "seal", target: headerTarget(at), seal, ...(from && { from }) });
  };
  return { engine: made, said, claim };
}

function sealOf(at: number): Signature {
  const made = new SealWorld(sharesOf(4)).seal(headerTarget(at));
  if (made === undefined) throw new Error("sealed");
  return made.seal;
}

describe("a peer that sends what is no seal", () => {
  it("is blamed once, and nothing more is taken from it", () => {
    const { said, claim } = engine();
    for (let i = 0; i < 3; i++) claim(1, index(3));
    expect(said).toEqual([{ kind: "blamed", member: index(3), reason: "wrongSeal" }]);
  });

  it("is blamed as well when the header that it was about comes later", () => {
    const { engine: made, said, claim } = engine();
    claim(2, index(3));
    expect(said).toEqual([]);
    made.handle({ kind: "header", height: height(2), bytes: headerAt(2) });
    expect(said).toEqual([{ kind: "blamed", member: index(3), reason: "wrongSeal" }]);
  });
});

describe("a seal that comes before its header", () => {
  const seal = sealOf(2);
  const sealed = { kind: "sealed", target: headerTarget(2), seal, origin: "received" };

  it.each([
    { claim: "sends what is no seal of that header afterwards", senders: [1, 3] },
    { claim: "sent what is no seal of that header before", senders: [3, 1] },
  ])("is not lost if another peer $claim", ({ senders }) => {
    const { engine: made, said, claim } = engine();
    for (const from of senders) claim(2, index(from), from === 1 ? seal : undefined);
    made.handle({ kind: "header", height: height(2), bytes: headerAt(2) });
    expect(said).toContainEqual(sealed);
  });

  it("is not lost if another peer sends any number of them", () => {
    const { engine: made, said, claim } = engine();
    claim(2, index(1), seal);
    for (let at = 3; at < 3_000; at++) claim(at, index(3));
    made.handle({ kind: "header", height: height(2), bytes: headerAt(2) });
    expect(said).toContainEqual(sealed);
  });
});

describe("a seal that the store held", () => {
  it("is reported as the store's once it is checked, so that it does not overwrite a newer one in the store", () => {
    const { said, claim } = engine();
    const seal = sealOf(1);
    claim(1, undefined, seal);
    claim(1, index(3), seal);
    expect(said).toEqual([{ kind: "sealed", target: headerTarget(1), seal, origin: "stored" }]);
  });
});

describe("a coordinator that asks about the last height there is", () => {
  it("is refused like any that asks about a header not final here", () => {
    const { engine: made, said } = engine();
    const session = { run: 1, number: 1 };
    const target = headerTarget(Number.MAX_SAFE_INTEGER);
    const request = { kind: "sign", target, session, commitments: [] } as const;
    made.handle({ kind: "request", id: 1, from: index(3), request });
    const answer = { kind: "refused", session, reason: "notFinal" };
    expect(said).toEqual([{ kind: "answer", id: 1, answer }]);
  });
});
