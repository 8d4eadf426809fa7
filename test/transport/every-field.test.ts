// No field of an answer about the node is forgotten: its conversion sets every field of the contract.

import { create, type DescMessage, isFieldSet, type Message } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import {
  GetNetworkResponseSchema,
  GetStatusResponseSchema,
  PeerSchema,
  ThroughputSchema,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import {
  networkToMessage,
  peersToMessage,
  statusToMessage,
} from "../../src/transport/convert-node.ts";
import { openCall } from "../support/open-call.ts";
import { createLedgerDouble, keyCertificate } from "./ledger-double.ts";

const { listPeers, getNetwork, getStatus, throughput } = createLedgerDouble();

/** Fields that have their default value in all of these answers, so that a test cannot tell whether they were set. */
function unset(schema: DescMessage, messages: readonly Message[]): string[] {
  return schema.fields
    .filter((field) => !messages.some((message) => isFieldSet(message, field)))
    .map(({ name }) => name);
}

describe("every field is set by", () => {
  it("statusToMessage", () => {
    const call = openCall();
    const status = getStatus(call);
    const extras = { peers: listPeers(call), throughput: throughput(call) };
    const poor = {
      ...status,
      notReadyBecause: "it is behind",
      clockAheadMs: -3,
      lagging: true,
      pendingOperations: 3,
      memoryPercent: 61,
      reducedBecause: ["node4 holds no share"],
    };
    const messages = [statusToMessage(status, extras), statusToMessage(poor)];
    expect(unset(GetStatusResponseSchema, messages)).toEqual([]);
    expect(unset(PeerSchema, messages[0]?.peers ?? [])).toEqual([]);
    expect(unset(ThroughputSchema, [messages[0]?.throughput ?? create(ThroughputSchema)])).toEqual(
      [],
    );
  });

  it("networkToMessage", () => {
    const message = networkToMessage({ ...getNetwork(openCall()), keyCertificate });
    expect(unset(GetNetworkResponseSchema, [message])).toEqual([]);
  });

  it("peersToMessage", () => {
    expect(unset(PeerSchema, peersToMessage(listPeers(openCall())).peers)).toEqual([]);
  });
});
