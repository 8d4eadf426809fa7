/** Proposes invalid blocks, and claims a view that it is not in. */

import type { Outgoing } from "../../../src/consensus/interface.ts";
import type { Message, Proposal } from "../../../src/consensus/message.ts";
import { encodeHeader, type Header } from "../../../src/primitives/block.ts";
import { height, view } from "../../../src/primitives/numbers.ts";
import { forge, type Role, type SpeakerContext } from "./role.ts";

export function liar(context: SpeakerContext): Role {
  return {
    name: "liar",
    twist: (outgoing: Outgoing) => [{ ...outgoing, message: lie(context, outgoing.message) }],
  };
}

function lie(context: SpeakerContext, message: Message): Message {
  const far = context.random.between(0, 1_000_000);
  switch (message.kind) {
    case "proposal":
      return { kind: "proposal", proposal: twisted(context, message.proposal) };
    case "nullify":
      return { ...message, finalHeight: height(far) };
    case "status":
      return { ...message, view: view(far), finalHeight: height(far) };
    default:
      return message;
  }
}

function twisted(context: SpeakerContext, proposal: Proposal): Proposal {
  const header = { ...proposal.header, ...context.random.pick(lies(context, proposal.header)) };
  const headerBytes = encodeHeader(header);
  const hash = context.config.hash(headerBytes);
  const { epoch, view: at, height: of } = header;
  const subject = { kind: "notarize", epoch, view: at, height: of, blockHash: hash } as const;
  return { ...proposal, header, headerBytes, hash, vote: forge(context, subject) };
}

function lies({ config }: SpeakerContext, header: Header): Partial<Header>[] {
  return [
    {},
    { stateRoot: config.hash(header.stateRoot) },
    { parentHash: config.hash(header.parentHash) },
    { time: header.time + 600_000 },
    { time: Math.max(0, header.time - 600_000) },
    { height: height(header.height + 1) },
    { height: height(header.height - 1) },
    { view: view(header.view + 1) },
    { operationCount: header.operationCount + 1 },
    { networkId: config.hash(header.networkId) },
  ];
}
