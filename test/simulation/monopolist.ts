/**
 * Makes only empty blocks final: it proposes nothing else, and gives up the turns of all others at once, but for those whose newest
 * proposal was empty, too (R5). With the real ledger the state roots of its blocks are wrong, and it is a leader whose turns fail.
 */
import type { Tip } from "../../src/consensus/ancestry.ts";
import type { Outgoing } from "../../src/consensus/interface.ts";
import type { Message, Proposal } from "../../src/consensus/message.ts";
import { encodeHeader } from "../../src/primitives/block.ts";
import { toHex } from "../../src/primitives/bytes.ts";
import { view } from "../../src/primitives/numbers.ts";
import { NewestView } from "../support/byzantine/newest-view.ts";
import { forge, giveUp, isOwnLead, peersOf, type Role, toEach } from "../support/byzantine/role.ts";
import type { RoleContext } from "./roles.ts";

export function monopolist(context: RoleContext): Role {
  const { config, after, ledger } = context;
  const leaders = config.validators.length;
  const tips = new Map<string, Tip>([[toHex(ledger.genesis.hash), ledger.genesis]]);
  const friends = new Set<number>([config.self]);
  const newest = new NewestView();
  const isFriendly = (at: number) => friends.has(at % leaders);

  function note({ hash, header }: Proposal): void {
    tips.set(toHex(hash), { hash, header });
    if (header.operationCount === 0) friends.add(header.proposer);
    else if (header.proposer !== config.self) friends.delete(header.proposer);
  }

  /** Its proposal without operations, and its finalize vote for that. */
  function emptied(proposal: Proposal): Message[] {
    const parent = tips.get(toHex(proposal.header.parentHash));
    if (parent === undefined) return [];
    const header = { ...ledger.rebase(proposal.header, parent, []), operationCount: 0 };
    const headerBytes = encodeHeader(header);
    const hash = config.hash(headerBytes);
    const { epoch, height } = header;
    const about = { epoch, view: header.view, height, blockHash: hash };
    const vote = forge(context, { kind: "notarize", ...about } as const);
    const empty = { ...proposal, header, headerBytes, hash, leafHashes: [], vote };
    note(empty);
    const finalize = forge(context, { kind: "finalize", ...about } as const);
    return [
      { kind: "proposal", proposal: empty },
      { kind: "vote", vote: finalize },
    ];
  }

  return {
    name: "monopolist",
    hear(message) {
      if (message.kind === "proposal") note(message.proposal);
      if (!newest.hears(message)) return;
      for (const at of [newest.value, newest.value + 1]) {
        if (!isFriendly(at)) after(0, giveUp(context, view(at)));
      }
    },
    twist(outgoing: Outgoing) {
      const { message } = outgoing;
      if (message.kind === "certificates") return [];
      if (isOwnLead(config, message) && message.kind === "proposal") {
        return emptied(message.proposal).flatMap((said) => toEach(peersOf(context), said));
      }
      if (message.kind !== "vote") return [outgoing];
      const at = message.vote.view;
      return isFriendly(at) && at % leaders !== config.self ? [outgoing] : [];
    },
  };
}
