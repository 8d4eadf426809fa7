/** Votes like any other and never proposes: its turns are lost, and nothing it says shows a fault (R5). */
import type { Outgoing } from "../../../src/consensus/output.ts";
import type { Role, RoleContext } from "./role.ts";

export function idleLeader({ config }: RoleContext): Role {
  return {
    name: "idleLeader",
    twist(outgoing: Outgoing) {
      const { message } = outgoing;
      const isOwn =
        (message.kind === "proposal" && message.proposal.vote.signer === config.self) ||
        (message.kind === "vote" &&
          message.vote.kind === "notarize" &&
          message.vote.view % config.validators.length === config.self);
      return isOwn ? [] : [outgoing];
    },
  };
}
