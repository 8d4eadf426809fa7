/** Findings about a running node that no test brings about in a process: what the node answers is given. */
import { create } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { SealShare } from "../../gen/countersign/v1/ledger_service_pb.ts";
import {
  GetNodeStatusResponseSchema,
  PeerDetailSchema,
} from "../../gen/countersign/v1/operator_service_pb.ts";
import { checkRunning } from "../../src/cli/doctor/check-running.ts";
import { Examination } from "../../src/cli/doctor/examination.ts";
import { softwareVersion } from "../../src/cli/version.ts";

const HEALTHY = {
  nodeId: "node1",
  version: softwareVersion(),
  ready: true,
  view: 9n,
  firstView: 1n,
  keyFinal: true,
  sealShare: SealShare.HELD as SealShare,
  memoryPercent: 60,
};

interface Given {
  readonly evidenceRecords?: number;
  readonly blamed?: boolean;
}

function findingsOf(
  status: Partial<typeof HEALTHY> & {
    readonly reducedBecause?: string[];
    readonly notReadyBecause?: string;
  },
  { evidenceRecords = 0, blamed = false }: Given = {},
) {
  const node = create(GetNodeStatusResponseSchema, {
    status: { ...HEALTHY, ...status },
    process: { uptimeMs: 60_000n },
    evidenceRecords,
  });
  const peer = { nodeId: "node4", connected: true, software: { version: softwareVersion() } };
  const detail = { peer, blamed, holdsSealShare: true, calledMs: 1_000n };
  const examination = new Examination("node1/config.json");
  const peers = [create(PeerDetailSchema, detail)];
  checkRunning({ node, peers }, undefined, examination);
  return examination.findings.map(({ code, what }) => `${code}: ${what}`);
}

it("a healthy node gives none", () => {
  expect(findingsOf({})).toEqual([]);
});

it.each([
  [{ memoryPercent: 61 }, "MEMORY_SHORT: node1 uses 61% of its memory"],
  [
    { keyFinal: false, reducedBecause: ["slow", "the group key waits for node4"] },
    "KEY_NOT_MADE: the group key waits for node4",
  ],
  [{ keyFinal: false }, "KEY_NOT_MADE: there is no group key yet"],
  [
    { ready: false, notReadyBecause: "it is behind the network" },
    "NODE_NOT_READY: node1 is not ready: it is behind the network",
  ],
  [{ firstView: 11n }, "NODE_REJOINED: node1 does not vote before view 11, and is in view 9"],
  [{ sealShare: SealShare.LEFT_OUT }, "SHARE_LEFT_OUT: the group key was made without node1"],
])("$1", (status, finding) => {
  expect(findingsOf(status)).toEqual([finding]);
});

it.each([
  [{ blamed: true }, "PEER_BLAMED: node4 has sent a wrong share or seal"],
  [{ evidenceRecords: 2 }, "EVIDENCE_KEPT: node1 keeps 2 records of evidence"],
])("$1, beside a healthy state", (given, finding) => {
  expect(findingsOf({}, given)).toEqual([finding]);
});
