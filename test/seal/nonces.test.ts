import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { signingGroup } from "../../src/node/base/crypto.ts";
import { toHex } from "../../src/primitives/bytes.ts";
import {
  fingerprintOf,
  type NonceCommitment,
  type SignRequest,
  textOf,
} from "../../src/seal/messages.ts";
import { NONCE_LIFETIME_MS } from "../../src/seal/nonces.ts";
import { index } from "./fixture.ts";
import { EPOCH, headerTarget, sharesOf, signingKeyOf } from "./seal-world.ts";
import { Bench, COORDINATOR, fail, NOW } from "./signer-bench.ts";

describe("S5: a nonce pair", () => {
  it("dies after a minute, and when the clock goes back", () => {
    for (const later of [NONCE_LIFETIME_MS, NONCE_LIFETIME_MS + 1, -1]) {
      const bench = new Bench();
      const pair = bench.pair();
      const answer = bench.answer(bench.request(pair), NOW + later);
      if (answer.kind !== "staleNonce") throw new Error(answer.kind);
      expect(textOf(answer.next)).not.toBe(textOf(pair));
    }
    const bench = new Bench();
    const pair = bench.pair();
    expect(bench.answer(bench.request(pair), NOW + NONCE_LIFETIME_MS - 1).kind).toBe("share");
  });

  it("dies with the process", () => {
    const bench = new Bench();
    const pair = bench.pair();
    const [own] = sharesOf(4);
    if (own === undefined) throw new Error("a key has shares");
    const restarted = signingKeyOf(own, bench.shelf, "after a restart");
    expect(restarted.answer(COORDINATOR, bench.request(pair), NOW).kind).toBe("staleNonce");
  });

  it("is gone after an exception, and overwritten", () => {
    const scalars: Uint8Array[] = [];
    let isFailing = true;
    const bench = new Bench({
      ...signingGroup,
      reduce: (wide) => {
        const scalar = signingGroup.reduce(wide);
        scalars.push(scalar);
        return scalar;
      },
      multiply: (scalar, point) => {
        if (isFailing) throw new Error("out of memory");
        return signingGroup.multiply(scalar, point);
      },
    });
    const pair = bench.pair();
    const nonces = scalars.slice(0, 2);
    const zero = toHex(new Uint8Array(32));
    expect(nonces.map(toHex)).not.toContain(zero);
    const request = bench.request(pair);
    expect(() => bench.answer(request)).toThrow("out of memory");
    isFailing = false;
    expect(nonces.map(toHex)).toEqual([zero, zero]);
    expect(bench.answer(bench.request(pair)).kind).toBe("staleNonce");
  });

  it("is one per coordinator, and made anew only if the one held was spent", () => {
    const bench = new Bench();
    const pair = bench.pair();
    expect(textOf(bench.pair())).toBe(textOf(pair));
    const ask = (spent: NonceCommitment) =>
      bench.signer.answer(COORDINATOR, { kind: "commitment", epoch: EPOCH, spent }, NOW);
    const fresh = ask(pair);
    if (fresh.kind !== "commitment") throw new Error(fresh.kind);
    expect(textOf(fresh.next)).not.toBe(textOf(pair));
    expect(ask(pair)).toEqual(fresh);
    expect(bench.answer(bench.request(pair)).kind).toBe("staleNonce");
    expect(bench.answer(bench.request(fresh.next)).kind).toBe("share");
  });

  it("never signs two messages or two lists, for any requests in any order", () => {
    const event = fc.record({
      coordinator: fc.constantFrom(1, 3),
      /** The place of one of the commitments seen so far, counted from the newest. */
      back: fc.nat(3),
      height: fc.constantFrom(4, 5),
      run: fc.constantFrom(1, 2),
      number: fc.nat(4),
      isSwapped: fc.boolean(),
      isRepeated: fc.boolean(),
      wait: fc.constantFrom(0, 1, NONCE_LIFETIME_MS),
    });
    fc.assert(
      fc.property(fc.array(event, { minLength: 2, maxLength: 12 }), (events) => {
        const bench = new Bench();
        const seen: NonceCommitment[] = [bench.pair()];
        const used = new Map<string, { fingerprint: string; share: string }>();
        let now = NOW;
        let last: SignRequest | undefined;
        for (const each of events) {
          now += each.wait;
          const own = seen.at(-1 - Math.min(each.back, seen.length - 1)) ?? fail();
          const [x, y] = bench.others;
          const third = each.isSwapped ? { ...(y ?? fail()), member: index(3) } : (y ?? fail());
          const request: SignRequest = {
            kind: "sign",
            target: headerTarget(each.height),
            session: { run: each.run, number: each.number },
            commitments: [{ member: index(0), commitment: own }, x ?? fail(), third],
          };
          const asked: SignRequest = each.isRepeated && last !== undefined ? last : request;
          last = asked;
          const answer = bench.signer.answer(index(each.coordinator), asked, now);
          if ("next" in answer) seen.push(answer.next);
          if (answer.kind !== "share") continue;
          const pair = textOf(asked.commitments[0]?.commitment ?? fail());
          const signed = { fingerprint: fingerprintOf(asked), share: toHex(answer.share) };
          expect(used.get(pair) ?? signed).toEqual(signed);
          used.set(pair, signed);
        }
      }),
      { numRuns: 60 },
    );
  });
});
