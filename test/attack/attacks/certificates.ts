/** An attack by genuine certificates that every peer already holds, as many as fit into a message. */
import { encodeMessage } from "../../../src/consensus/message.ts";
import { FIRST_EPOCH } from "../../../src/ledger/epochs.ts";
import { EncodingError } from "../../../src/primitives/encoding.ts";
import { LIMITS } from "../../../src/primitives/limits.ts";
import { view as viewOf } from "../../../src/primitives/numbers.ts";
import { type Certificate, decodeCertificate } from "../../../src/primitives/vote.ts";
import { PeerFailure } from "../../../src/transport/peer-client.ts";
import type { MemberAttack, MemberHand } from "../attack.ts";
import { pause, toEachUntil } from "../tools.ts";

const MESSAGES = 30;
const GATHER_MS = 1_000;

export const certificateReplays: MemberAttack = {
  name: "certificate-replays",
  by: "member",
  does: `messages of ${LIMITS.certificatesPerMessageMax} genuine certificates of settled views, ${MESSAGES} a batch`,
  run: async (hand, signal) => {
    const held: Certificate[] = [];
    while (held.length === 0 && !signal.aborted) {
      held.push(...(await gather(hand)));
      await pause(GATHER_MS / 10, signal);
    }
    await toEachUntil(hand, signal, async (victim) => {
      const certificates = Array.from(
        { length: LIMITS.certificatesPerMessageMax },
        (_, i) => held[i % held.length],
      ).filter((one) => one !== undefined);
      const message = encodeMessage({ kind: "certificates", certificates });
      await hand.say(victim, { consensusMessages: new Array<Uint8Array>(MESSAGES).fill(message) });
      hand.count("certificates", MESSAGES * certificates.length);
      if (held.length < LIMITS.certificatesPerMessageMax) held.push(...(await gather(hand)));
      await pause(1, signal);
    });
  },
};

/** The certificates that peers send to a node that is behind. */
async function gather(hand: MemberHand): Promise<Certificate[]> {
  const view = viewOf(Math.max(1, hand.node.consensus.view - 10));
  const answers = await Promise.all(
    hand.victims.map((victim) =>
      hand.client(victim).fetchCertificates({ epoch: FIRST_EPOCH, view }),
    ),
  );
  return answers.flatMap((answer) => {
    if (answer instanceof PeerFailure) return [];
    const { certificates, finalization } = answer;
    const all = finalization === undefined ? certificates : [...certificates, finalization];
    return all.flatMap((bytes) => {
      const certificate = decodeCertificate(bytes);
      return certificate instanceof EncodingError ? [] : [certificate];
    });
  });
}
