/** As leader, proposes on the parent of the right parent, as if that had never been notarized. */
import type { Tip } from "../../src/consensus/ancestry.ts";
import type { Outgoing } from "../../src/consensus/interface.ts";
import type { Proposal } from "../../src/consensus/message.ts";
import { encodeHeader } from "../../src/primitives/block.ts";
import { toHex } from "../../src/primitives/bytes.ts";
import { forge, type Role } from "../support/byzantine/role.ts";
import type { RoleContext } from "./roles.ts";

export function forker(context: RoleContext): Role {
  const seen = new Map<string, Tip>();
  const remember = (tip: Tip) => seen.set(toHex(tip.hash), { hash: tip.hash, header: tip.header });
  remember(context.ledger.genesis);
  return {
    name: "forker",
    hear: (message) => {
      if (message.kind === "proposal") remember(message.proposal);
    },
    twist: (outgoing: Outgoing) => {
      if (outgoing.message.kind !== "proposal") return [outgoing];
      const { proposal } = outgoing.message;
      const parent = seen.get(toHex(proposal.header.parentHash));
      const older = parent === undefined ? undefined : seen.get(toHex(parent.header.parentHash));
      if (older === undefined || context.random.chance(0.2)) return [outgoing];
      return [{ ...outgoing, message: { kind: "proposal", proposal: onto(older, proposal) } }];
    },
  };

  function onto(parent: Tip, proposal: Proposal): Proposal {
    const header = context.ledger.rebase(proposal.header, parent, proposal.leafHashes);
    const headerBytes = encodeHeader(header);
    const hash = context.config.hash(headerBytes);
    const { epoch, view, height } = header;
    const subject = { kind: "notarize", epoch, view, height, blockHash: hash } as const;
    return { ...proposal, header, headerBytes, hash, vote: forge(context, subject) };
  }
}
