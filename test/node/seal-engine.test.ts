/** The seal engine and what peers claim to be seals. */
import { describe, expect, it } from "vitest";
import { type FromEngine, SealEngine } from "../../src/node/seal-engine.ts";
import type { ValidatorIndex } from "../../src/primitives/numbers.ts";
import { height } from "../../src/primitives/numbers.ts";
import { index } from "../seal/fixture.ts";
import { headerAt, headerTarget, sharesOf } from "../seal/seal-world.ts";

/** An engine with a final header at height 1 and none above. */
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
  const made = new SealEngine(
    setup,
    () => 0,
    (message) => said.push(message),
  );
  made.handle({ kind: "header", height: height(1), bytes: headerAt(1) });
  const claim = (at: number, from?: ValidatorIndex) => {
    const seal = new Uint8Array(64);
    made.handle({ kind: "seal", target: headerTarget(at), seal, ...(from && { from }) });
  };
  return { engine: made, said, claim };
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
