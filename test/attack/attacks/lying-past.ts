/** Lies to a node that was away and catches up: false blocks, certificates and snapshots. */
import type { Bytes } from "../../../src/primitives/bytes.ts";
import { Refusal } from "../../../src/transport/refusal.ts";
import type { MemberAttack } from "../attack.ts";

export const lyingPast: MemberAttack = {
  name: "lying-past",
  by: "member",
  does: "answers each question for blocks, certificates and snapshots with altered ones, while an honest node starts again",
  restartsNode: true,
  answers: (hand, honest) => ({
    fetchBlocks: async (...call) => {
      const answer = await honest.fetchBlocks(...call);
      if (answer instanceof Refusal) return answer;
      hand.count("lies about blocks");
      const blocks = answer.blocks.map((block) => ({ ...block, header: altered(block.header) }));
      return { ...answer, blocks };
    },
    fetchCertificates: async (...call) => {
      const answer = await honest.fetchCertificates(...call);
      if (answer instanceof Refusal) return answer;
      hand.count("lies about certificates");
      const finalization = answer.finalization && altered(answer.finalization);
      return { ...answer, certificates: answer.certificates.map(altered), finalization };
    },
    fetchSnapshot: async (...call) => {
      const answer = await honest.fetchSnapshot(...call);
      if (answer instanceof Refusal) return answer;
      hand.count("lies about states");
      return { ...answer, wallets: answer.wallets.map(altered) };
    },
  }),
};

/** Flips one bit, far enough behind the tag for the bytes to look right at first sight. */
function altered(bytes: Bytes): Bytes {
  const copy = Uint8Array.from(bytes);
  const at = copy.length - 8;
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
