/** One signer under test and its surroundings. */
import { signingGroup } from "../../src/node/base/crypto.ts";
import type {
  MemberCommitment,
  NonceCommitment,
  SealAnswer,
  SignRequest,
} from "../../src/seal/messages.ts";
import type { SealSigner } from "../../src/seal/signer.ts";
import type { SigningGroup } from "../../src/seal/signing-group.ts";
import { index } from "./fixture.ts";
import { EPOCH, headerTarget, Shelf, sharesOf, signingKeyOf } from "./seal-world.ts";

export const NOW = 1_000_000;
export const COORDINATOR = index(3);
const shares = sharesOf(4);

/** SigningKey 0, with the commitments of signers 1 and 2 at hand. */
export class Bench {
  readonly shelf = new Shelf(10);
  readonly signer: SealSigner;
  readonly others: MemberCommitment[];
  #session = 0;

  constructor(group: SigningGroup = signingGroup) {
    const [own, ...rest] = shares;
    if (own === undefined) throw new Error("a key has shares");
    this.signer = signingKeyOf(own, this.shelf, "bench", group);
    this.others = rest.slice(0, 2).map((share) => ({
      member: share.member,
      commitment: pairOf(signingKeyOf(share, this.shelf)),
    }));
  }

  request(commitment: NonceCommitment, change: Partial<SignRequest> = {}): SignRequest {
    return {
      kind: "sign",
      target: headerTarget(5),
      session: { run: 1, number: ++this.#session },
      commitments: [{ member: index(0), commitment }, ...this.others],
      ...change,
    };
  }

  pair(now = NOW): NonceCommitment {
    return pairOf(this.signer, now);
  }

  answer(request: SignRequest, now = NOW, coordinator = COORDINATOR): SealAnswer {
    return this.signer.answer(coordinator, request, now);
  }
}

export function pairOf(signer: SealSigner, now = NOW, coordinator = COORDINATOR): NonceCommitment {
  const answer = signer.answer(coordinator, { kind: "commitment", epoch: EPOCH }, now);
  if (answer.kind !== "commitment") throw new Error(answer.kind);
  return answer.next;
}

export function fail(): never {
  throw new Error("the test lost its bearings");
}
