import { describe, expect, it } from "vitest";
import { type CeremonyRecord, encodeCeremonyRecord } from "../../src/ledger/ceremony-record.ts";
import {
  decodeNetworkRecord,
  encodeNetworkRecord,
  type NetworkRecord,
} from "../../src/ledger/network-record.ts";
import { toHex } from "../../src/primitives/bytes.ts";
import { EncodingError } from "../../src/primitives/encoding.ts";
import { complaintBody, play, step } from "./ceremony-fixture.ts";
import { block, createNetwork, start } from "./fixture.ts";

const network = createNetwork();
const { networkId } = network.context;

const confirming = play(network, start(network), "confirm");
const ended = block(network, confirming, [step(network, confirming, 0, complaintBody(1, 0, 1))]);
const late = block(network, confirming, [], confirming.time + 60_000);
const records: [string, CeremonyRecord][] = [
  ["before the first attempt", start(network).ceremony],
  ["in round 1", play(network, start(network), "round1").ceremony],
  ["in shares", play(network, start(network), "shares").ceremony],
  ["in confirm", confirming.ceremony],
  ["after a complaint", ended.state.ceremony],
  ["after a deadline", late.state.ceremony],
  ["final", play(network, start(network), "final").ceremony],
];
const activation = { ruleset: 2, height: 17, version: "0.1.0" };
const whole = records.flatMap(([name, ceremony]): [string, NetworkRecord][] => [
  [name, { ceremony, activation: undefined }],
  [`${name}, and an activation`, { ceremony, activation }],
]);

describe("canonical bytes", () => {
  it.each(whole)("read back as what was written: %s", (_, record) => {
    const bytes = encodeNetworkRecord(networkId, record);
    expect(decodeNetworkRecord(networkId, bytes)).toEqual(record);
  });

  it.each(whole)("are refused when cut, lengthened or of another network: %s", (_, record) => {
    const bytes = encodeNetworkRecord(networkId, record);
    const code = (read: NetworkRecord | EncodingError) =>
      read instanceof EncodingError ? read.code : read;
    expect(code(decodeNetworkRecord(networkId, bytes.slice(0, -1)))).toBe("malformed");
    const longer = Uint8Array.from([...bytes, 0]);
    expect(code(decodeNetworkRecord(networkId, longer))).toBe("malformed");
    expect(code(decodeNetworkRecord(new Uint8Array(32), bytes))).toBe("wrongNetwork");
  });

  it.each(records)("without an activation are those of the ceremony alone: %s", (_, ceremony) => {
    const bytes = encodeNetworkRecord(networkId, { ceremony, activation: undefined });
    expect(bytes).toEqual(encodeCeremonyRecord(networkId, ceremony));
  });

  it("differ between all of them", () => {
    const all = records.map(([, record]) => toHex(encodeCeremonyRecord(networkId, record)));
    expect(new Set(all).size).toBe(records.length);
  });

  it("of no kind are refused", () => {
    const bytes = encodeCeremonyRecord(networkId, start(network).ceremony);
    const kindAt = 1 + "countersign/v1/ceremony-record".length + 32;
    for (const kind of [2, 3, 255]) {
      const read = decodeNetworkRecord(networkId, bytes.with(kindAt, kind));
      expect(read).toBeInstanceOf(EncodingError);
    }
  });
});

it("a closed record is short: packages and ciphertexts are gone with their attempt", () => {
  const length = (record: CeremonyRecord) => encodeCeremonyRecord(networkId, record).length;
  expect(length(ended.state.ceremony)).toBeLessThan(120);
  expect(length(late.state.ceremony)).toBeLessThan(120);
});
