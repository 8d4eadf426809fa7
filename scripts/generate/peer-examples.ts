/** A request and an answer of every call of peers. */
import { blockHash, type Example, made, networkId } from "./example-values.ts";

const registration = (node: number) => ({
  networkId,
  nodeId: `node${node}`,
  address: `127.0.0.1:${7100 + node}`,
  clientAddress: `127.0.0.1:${7000 + node}`,
  journalId: made(16, `journal ${node}`),
  starts: "3",
  rejoined: false,
  startId: made(16, `start ${node}`),
});

const commitment = (name: string) => ({
  hiding: made(32, `${name} hiding`),
  binding: made(32, `${name} binding`),
});

export const PEER: Readonly<Record<string, Example>> = {
  "PeerService.Register": {
    request: { registration: registration(2), signature: made(64, "node2 registers") },
    response: { registration: registration(1), signature: made(64, "node1 registers") },
  },
  "PeerService.Recall": {
    request: {},
    response: {
      registration: registration(2),
      signature: made(64, "node2 registers"),
      vote: made(150, "vote"),
      view: "57",
      entryCertificate: made(300, "entry"),
      finalization: made(300, "finalization"),
    },
  },
  "PeerService.Verification": {
    request: {
      statement: {
        networkId,
        sender: 1,
        computed: {
          epoch: "1",
          height: "42",
          blockHash,
          operationsRoot: made(32, "operations"),
          resultsRoot: made(32, "results"),
          stateRoot: made(32, "state"),
        },
        share: {
          target: { epoch: "1", height: "42" },
          session: { run: "8123456789", number: "1" },
          commitments: [0, 1, 3].map((member) => ({
            member,
            commitment: commitment(`member ${member}`),
          })),
        },
      },
      signature: made(64, "coordinator"),
    },
    response: {
      share: {
        session: { run: "8123456789", number: "1" },
        share: made(32, "share"),
        next: commitment("next"),
      },
    },
  },
  "PeerService.Link": {
    request: {
      operations: [made(200, "operation")],
      consensusMessages: [made(150, "vote")],
      seals: [{ target: { epoch: "1", height: "42" }, seal: made(64, "seal") }],
    },
    response: {},
  },
  "PeerService.FetchBlocks": {
    request: { fromHeight: "42", count: 1, headersOnly: false },
    response: {
      blocks: [{ header: made(340, "header"), operations: [made(200, "operation")] }],
      finalization: made(360, "finalization"),
      finalHeight: "42",
    },
  },
  "PeerService.FetchOperations": {
    request: { leafHashes: [made(32, "wanted")] },
    response: { operations: [made(200, "operation")] },
  },
  "PeerService.FetchCertificates": {
    request: { epoch: "1", view: "55" },
    response: { view: "57", certificates: [made(300, "entry")], finalization: made(360, "final") },
  },
  "PeerService.ReadClock": {
    request: {},
    response: { wallClock: "1764000000000" },
  },
  "PeerService.FetchSnapshot": {
    request: { height: "42" },
    response: {
      header: made(340, "header"),
      finalization: made(360, "finalization"),
      ceremony: made(400, "ceremony"),
      wallets: [made(170, "wallet")],
    },
  },
};
