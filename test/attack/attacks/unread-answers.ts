/** A member that asks for blocks and reads none of the answers: its flow-control window is zero. */
import { type ClientHttp2Session, connect } from "node:http2";
import { create, toBinary } from "@bufbuild/protobuf";
import {
  FetchBlocksRequestSchema,
  PeerService,
} from "../../../gen/countersign/v1/peer_service_pb.ts";
import { LIMITS } from "../../../src/primitives/limits.ts";
import { open } from "../../hostile/raw-calls.ts";
import type { MemberAttack } from "../attack.ts";
import { pause } from "../tools.ts";

const CONNECTIONS = 4;
const ROUND_MS = 1_000;

export const unreadAnswers: MemberAttack = {
  name: "unread-answers",
  by: "member",
  does: `${LIMITS.callsPerMemberMax} FetchBlocks of ${LIMITS.fetchedBlocksMax} blocks a second on ${CONNECTIONS} connections to each peer, with a window of zero`,
  run: async (hand, signal) => {
    const { certificate: cert, key } = hand.certificate;
    const message = toBinary(
      FetchBlocksRequestSchema,
      create(FetchBlocksRequestSchema, {
        start: { case: "fromHeight", value: 1n },
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
  },
};
