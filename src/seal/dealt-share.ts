/** Opens the share that one member dealt to another and holds it against the dealer's commitments. */
import type { CiphertextsRecord, Round1Record } from "../ledger/ceremony-judge.ts";
import type { Bytes } from "../primitives/bytes.ts";
import type { Attempt } from "./attempt.ts";
import { parseScalar } from "./group.ts";
import { shareMatches } from "./polynomial.ts";
import { readCommitments } from "./round1-package.ts";
import { openShare } from "./share-cipher.ts";
import { scalarOf } from "./suite.ts";

export type DealtShare =
  | { readonly kind: "good"; readonly value: bigint }
  /** The dealer lied: no ciphertext for the receiver, or one that opens to another number. */
  | { readonly kind: "wrong" }
  /** The dealer has not dealt yet, which is no lie. */
  | { readonly kind: "missing" };

export interface Dealing {
  readonly receiver: Round1Record;
  readonly dealer: Round1Record | undefined;
  readonly ciphertexts: CiphertextsRecord | undefined;
  /** The receiver's. */
  readonly ephemeralSecret: Bytes;
}

/** Members and judges both decide by this, so that an honest complaint is always upheld. */
export function checkDealtShare(attempt: Attempt, dealing: Dealing): DealtShare {
  const { receiver, dealer, ciphertexts, ephemeralSecret } = dealing;
  if (dealer === undefined || ciphertexts === undefined) return { kind: "missing" };
  const [item, ...more] = ciphertexts.ciphertexts.filter(({ to }) => to === receiver.member);
  const commitments = readCommitments(attempt, dealer.package);
  if (item === undefined || more.length > 0 || commitments === undefined) return { kind: "wrong" };
  const route = {
    from: dealer.member,
    to: receiver.member,
    fromKey: dealer.ephemeralKey,
    toKey: receiver.ephemeralKey,
  };
  const opened = openShare(attempt, route, ephemeralSecret, item.ciphertext);
  const value = opened === undefined ? undefined : parseScalar(opened);
  if (value === undefined) return { kind: "wrong" };
  const share = { value, commitments, x: scalarOf(receiver.member) };
  return shareMatches(attempt.suite.Point, share) ? { kind: "good", value } : { kind: "wrong" };
}
