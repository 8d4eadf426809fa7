/** FROST: the steps of a seal, and whole seals by all members in one process, without a network. */
import { entropy } from "../../src/node/base/crypto.ts";
import { suite } from "../../test/seal/fixture.ts";
import { headerTarget, SealWorld, sharesOf } from "../../test/seal/seal-world.ts";
import { Bench } from "../../test/seal/signer-bench.ts";
import type { MicroBench } from "./open-group.ts";

const SIZES = [4, 7, 16] as const;
/** Headers that a world has before it is made anew. */
const HEADERS = 1_000_000;

export async function open(): Promise<MicroBench> {
  const scalar = suite.Point.Fn.fromBytes(
    suite.Point.Fn.toBytes(BigInt(`0x${hexOf(entropy(31))}`)),
  );
  const point = suite.Point.BASE.multiply(scalar);
  const bytes = point.toBytes();
  return {
    benchmarks: [
      { name: "multiply the base point", run: () => suite.Point.BASE.multiply(scalar) },
      { name: "multiply a point", run: () => point.multiply(scalar) },
      { name: "add two points", run: () => point.add(suite.Point.BASE) },
      { name: "read a point", run: () => suite.Point.fromBytes(bytes) },
      { name: "write a point", run: () => point.add(suite.Point.BASE).toBytes() },
      answering(),
      ...SIZES.map(sealing),
    ],
  };
}

/** A signer's part of a seal: it checks the request, signs, and offers its next nonces. */
function answering() {
  const bench = new Bench();
  let commitment = bench.pair();
  return {
    name: "answer a request for a share, threshold 3",
    run: () => {
      const answer = bench.answer(bench.request(commitment));
      if (answer.kind !== "share") throw new Error(`no share: ${answer.kind}`);
      commitment = answer.next;
      return answer;
    },
  };
}

function sealing(members: number) {
  const world = new SealWorld(sharesOf(members), { tip: HEADERS });
  let at = 0;
  return {
    name: `a seal by ${members} members, all their work together`,
    run: () => {
      at += 65;
      const made = world.seal(headerTarget(at));
      if (made === undefined) throw new Error("no seal");
      for (const { seals } of world.shelves.values()) seals.delete(`${at}`);
      world.outputs.length = 0;
      world.sent.length = 0;
      return made;
    },
  };
}

function hexOf(data: Uint8Array): string {
  return Buffer.from(data).toString("hex");
}
