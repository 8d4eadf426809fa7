// No field of an answer about the node is forgotten: its conversion sets every field of the contract.

import { type DescMessage, isFieldSet, type Message } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import {
  GetNetworkResponseSchema,
  GetStatusResponseSchema,
  PeerSchema,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import {
  networkToMessage,
  peersToMessage,
  statusToMessage,
} from "../../src/transport/convert-node.ts";
import { openCall } from "../support/open-call.ts";
import { createLedgerDouble, keyCertificate } from "./ledger-double.ts";

const { listPeers, getNetwork, getStatus } = createLedgerDouble();

/** Fields that have their default value in all of these answers, so that a test cannot tell whether they were set. */
function unset(schema: DescMessage, messages: readonly Message[]): string[] {
  return schema.fields
    .filter((field) => !messages.some((message) => isFieldSet(message, field)))
    .map(({ name }) => name);
}

describe("every field is set by", () => {
  it("statusToMessage", () => {
    const status = getStatus(openCall());
    const poor = {
      ...status,
      notReadyBecause: "it is behind",
      clockAheadMs: -3,
      lagging: true,
      pendingOperations: 3,
      memoryPercent: 61,
      reducedBecause: ["node4 holds no share"],
    };
    const messages = [statusToMessage(status), statusToMessage(poor)];
    expect(unset(GetStatusResponseSchema, messages)).toEqual([]);
  });

  it("networkToMessage", () => {
    const message = networkToMessage({ ...getNetwork(openCall()), keyCertificate });
    expect(unset(GetNetworkResponseSchema, [message])).toEqual([]);
  });

  it("peersToMessage", () => {
    expect(unset(PeerSchema, peersToMessage(listPeers(openCall())).peers)).toEqual([]);
  });
});
