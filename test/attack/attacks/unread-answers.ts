/** A member that asks for blocks and reads none of the answers: its flow-control window is zero. */
import { type ClientHttp2Session, connect } from "node:http2";
import { create, toBinary } from "@bufbuild/protobuf";
import {
  FetchBlocksRequestSchema,
  PeerService,
} from "../../../gen/countersign/v1/peer_service_pb.ts";
import { entropy, signingKeyOf } from "../../../src/node/base/crypto.ts";
import { LIMITS } from "../../../src/primitives/limits.ts";
import { open } from "../../hostile/raw-calls.ts";
import { openCall } from "../../support/open-call.ts";
import type { MemberAttack, MemberHand } from "../attack.ts";
import { fundedCreation, order, pause, transferOfOne } from "../tools.ts";

const CONNECTIONS = 4;
const ROUND_MS = 1_000;
/** Of 390 bytes each. */
const TRANSFERS = 5_000;
const ROUNDS = 2;

export const unreadAnswers: MemberAttack = {
  name: "unread-answers",
  by: "member",
  does: `${LIMITS.callsPerMemberMax} FetchBlocks of 4 MiB of blocks a second on ${CONNECTIONS} connections to each peer, with a window of zero`,
  prepare: async (hand) => {
    const height = await fillBlocks(hand);
    return (acting, signal) => askUnread(acting, signal, height);
  },
};

/** Orders large transfers, half as many as one answer may hold; gives the height below the first of them. */
async function fillBlocks(hand: MemberHand): Promise<number> {
  const signer = signingKeyOf(entropy(32));
  const [payer, payee] = [
    fundedCreation(hand, signer.publicKey),
    fundedCreation(hand, signingKeyOf(entropy(32)).publicKey),
  ];
  await order(hand, [payer.bytes, payee.bytes]);
  const { height } = hand.node.ledger.getStatus(openCall());
  const reference = "x".repeat(LIMITS.referenceLengthMax);
  for (let round = 0; round < ROUNDS; round++) {
    const transfers = Array.from({ length: TRANSFERS }, () =>
      transferOfOne(hand, signer, { from: payer.id, to: payee.id, reference }),
    );
    await order(hand, transfers);
  }
  return height;
}

async function askUnread(hand: MemberHand, signal: AbortSignal, height: number): Promise<void> {
  const { certificate: cert, key } = hand.certificate;
  const message = toBinary(
    FetchBlocksRequestSchema,
    create(FetchBlocksRequestSchema, {
      start: { case: "fromHeight", value: BigInt(height + 1) },
      count: LIMITS.fetchedBlocksMax,
    }),
  );
  const sessions: ClientHttp2Session[] = [];
  while (!signal.aborted) {
    const live = sessions.filter((session) => !session.destroyed);
    sessions.splice(0, sessions.length, ...live);
    if (sessions.length === 0) {
      for (const { peerAddress } of hand.victims) {
        for (let i = 0; i < CONNECTIONS; i++) {
          const options = { cert, key, rejectUnauthorized: false, ALPNProtocols: ["h2"] };
          const settings = { initialWindowSize: 0 };
          const session = connect(`https://${peerAddress}`, { ...options, settings });
          session.on("error", () => undefined);
          sessions.push(session);
        }
      }
    }
    for (const session of sessions) {
      for (let i = 0; i < LIMITS.callsPerMemberMax / CONNECTIONS && !session.destroyed; i++) {
        open(session, PeerService.method.fetchBlocks.name).end(message);
        hand.count("answers not read");
      }
    }
    await pause(ROUND_MS, signal);
  }
  for (const session of sessions) session.destroy();
}
