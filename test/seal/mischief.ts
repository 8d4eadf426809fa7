/** Bad signers for tests of the coordinator, and the coordinator's duties towards them. */
import { expect } from "vitest";
import { toHex } from "../../src/primitives/bytes.ts";
import type { SealMade } from "../../src/seal/coordination.ts";
import { Scalars } from "../../src/seal/group.ts";
import type { SealAnswer, SealRequest } from "../../src/seal/messages.ts";
import { verify } from "./fixture.ts";
import { headerAt, headerTarget, type SealWorld } from "./seal-world.ts";

/** Changes a signer's answer; undefined is silence. */
export type Mischief = (
  answer: SealAnswer,
  request: SealRequest,
) => SealAnswer | "unreachable" | undefined;

export const silent: Mischief = () => undefined;
export const unreachable: Mischief = () => "unreachable";

export const wrongShare: Mischief = (answer) =>
  answer.kind === "share" ? { ...answer, share: plusOne(answer.share) } : answer;

export const staleAlways: Mischief = (answer) =>
  answer.kind === "share"
    ? { kind: "staleNonce", session: answer.session, next: answer.next }
    : answer;

export function shareOf(share: Uint8Array): Mischief {
  return (answer) => (answer.kind === "share" ? { ...answer, share } : answer);
}

/** Seals the header at this height and verifies the seal. */
export function expectSealed(world: SealWorld, at: number): SealMade {
  const made = world.seal(headerTarget(at));
  if (made === undefined) throw new Error(`no seal at ${at}`);
  expect(made.target).toEqual(headerTarget(at));
  expect(toHex(made.message)).toBe(toHex(headerAt(at)));
  const { message, seal: signature } = made;
  expect(verify({ publicKey: world.groupKey, message, signature })).toBe(true);
  return made;
}

function plusOne(share: Uint8Array): Uint8Array {
  return Scalars.toBytes(Scalars.add(Scalars.fromBytes(share), 1n));
}
