/** Converts a node's status, peers and network to generated messages. */
import { create } from "@bufbuild/protobuf";
import {
  CeremonyStatus,
  type GetNetworkResponse,
  GetNetworkResponseSchema,
  type GetStatusResponse,
  GetStatusResponseSchema,
  type ListPeersResponse,
  ListPeersResponseSchema,
  type Peer,
  PeerSchema,
  SealShare,
  ThroughputSchema,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import type { PublicKey } from "../primitives/signature.ts";
import { faultsTolerated, quorumOf } from "../primitives/validators.ts";
import { keyCertificateToMessage } from "./convert-receipt.ts";
import type {
  CeremonyInfo,
  NetworkInfo,
  PeerInfo,
  PeerSoftwareInfo,
  StatusInfo,
  ThroughputInfo,
} from "./ledger-api.ts";

export function peersToMessage(peers: readonly PeerInfo[]): ListPeersResponse {
  return create(ListPeersResponseSchema, { peers: peers.map(peerToMessage) });
}

function peerToMessage({ silentMs, software, bodiesFrom, ...peer }: PeerInfo): Peer {
  return create(PeerSchema, {
    ...peer,
    ...(bodiesFrom === undefined ? {} : { bodiesFrom: BigInt(bodiesFrom) }),
    ...(software === undefined ? {} : { software: softwareToMessage(software) }),
    ...(silentMs === undefined ? {} : { silentMs: BigInt(silentMs) }),
    lastHeight: BigInt(peer.lastHeight),
    votedHeight: BigInt(peer.votedHeight),
    view: BigInt(peer.view),
    registrationNumber: BigInt(peer.registrationNumber),
  });
}

export function softwareToMessage({ protocol, agreed, rulesetMax, version }: PeerSoftwareInfo) {
  const { min: protocolMin, max: protocolMax } = protocol;
  return { protocolMin, protocolMax, protocol: agreed ?? 0, rulesetMax, version };
}

export function networkToMessage(network: NetworkInfo): GetNetworkResponse {
  const { keyCertificate, validators, sealHolders } = network;
  return create(GetNetworkResponseSchema, {
    networkId: network.networkId,
    ...(keyCertificate === undefined
      ? {}
      : {
          groupPublicKey: keyCertificate.groupKey,
          groupPublicKeyPem: publicKeyPem(keyCertificate.groupKey),
          keyCertificate: keyCertificateToMessage(keyCertificate),
        }),
    threshold: quorumOf(validators.length),
    validators: validators.length,
    faultsTolerated: faultsTolerated(validators.length),
    epoch: BigInt(network.epoch),
    assets: network.assets.map(({ code, scale }) => ({ code, scale })),
    issuers: [...network.issuers],
    members: validators.map((validator) => ({
      nodeId: validator.id,
      address: validator.peerAddress,
      clientAddress: validator.clientAddress,
      identityKey: validator.identityKey,
      custodyKey: validator.custodyKey,
      holdsSealShare: sealHolders.includes(validator.index),
    })),
    graceMs: BigInt(network.graceMs),
    lifetimeMsMax: BigInt(network.lifetimeMsMax),
    clockSkewMs: BigInt(network.clockSkewMs),
    ceremony: ceremonyToMessage(network.ceremony),
    ...(sealHolders.length === 0
      ? {}
      : { sealFaultsTolerated: sealHolders.length - quorumOf(validators.length) }),
  });
}

/** The parts of an answer of GetStatus beside the status, to those who ask for it. */
export interface StatusExtras {
  readonly peers?: readonly PeerInfo[] | undefined;
  readonly throughput?: ThroughputInfo | undefined;
}

export function statusToMessage(
  status: StatusInfo,
  { peers = [], throughput }: StatusExtras = {},
): GetStatusResponse {
  return create(GetStatusResponseSchema, {
    nodeId: status.nodeId,
    version: status.version,
    networkId: status.networkId,
    height: BigInt(status.height),
    view: BigInt(status.view),
    epoch: BigInt(status.epoch),
    blockHash: status.blockHash,
    blockTime: BigInt(status.blockTime),
    stateRoot: status.stateRoot,
    sealedHeight: BigInt(status.sealedHeight),
    ready: status.notReadyBecause === undefined,
    notReadyBecause: status.notReadyBecause ?? "",
    lagging: status.lagging,
    validators: status.validatorCount,
    quorum: quorumOf(status.validatorCount),
    faultsTolerated: faultsTolerated(status.validatorCount),
    connectedPeers: status.connectedPeers,
    pendingOperations: status.pendingOperations,
    memoryPercent: status.memoryPercent,
    keyFinal: status.keyFinal,
    startedAt: BigInt(status.startedAt),
    timedOutViews: BigInt(status.timedOutViews),
    historyFrom: BigInt(status.historyFrom),
    bodiesFrom: BigInt(status.bodiesFrom),
    firstView: BigInt(status.firstView),
    sealShare: SHARES[status.sealShare],
    sealHolders: status.sealHolders,
    sealHoldersPresent: status.sealHoldersPresent,
    ...(status.sealMargin === undefined ? {} : { sealMargin: status.sealMargin }),
    reducedBecause: [...status.reducedBecause],
    ruleset: status.ruleset,
    rulesetMax: status.rulesetMax,
    protocolMin: status.protocol.min,
    protocolMax: status.protocol.max,
    ...(status.clockAheadMs === undefined ? {} : { clockAheadMs: BigInt(status.clockAheadMs) }),
    ...(status.answers === undefined
      ? {}
      : {
          answerMsMedian: Math.round(status.answers.medianMs),
          answerMsP95: Math.round(status.answers.p95Ms),
        }),
    peers: peers.map(peerToMessage),
    ...(throughput === undefined ? {} : { throughput: throughputToMessage(throughput) }),
  });
}

function throughputToMessage({ operations, blockMsMedian }: ThroughputInfo) {
  return create(ThroughputSchema, {
    operations: [...operations],
    ...(blockMsMedian === undefined ? {} : { blockMsMedian }),
  });
}

/** DER of a SubjectPublicKeyInfo for Ed25519 (RFC 8410 section 4), up to the 32 bytes of the key. */
const SPKI_PREFIX = "302a300506032b6570032100";

/** PEM of an Ed25519 key, as the openssl program reads it. */
export function publicKeyPem(key: PublicKey): string {
  const der = Buffer.concat([Buffer.from(SPKI_PREFIX, "hex"), key]);
  return `-----BEGIN PUBLIC KEY-----\n${der.toString("base64")}\n-----END PUBLIC KEY-----\n`;
}

const SHARES: Readonly<Record<StatusInfo["sealShare"], SealShare>> = {
  notYet: SealShare.NOT_YET,
  held: SealShare.HELD,
  leftOut: SealShare.LEFT_OUT,
  missing: SealShare.MISSING,
};

const STATUSES: Readonly<Record<CeremonyInfo["status"], CeremonyStatus>> = {
  notStarted: CeremonyStatus.NOT_STARTED,
  running: CeremonyStatus.RUNNING,
  complete: CeremonyStatus.COMPLETE,
};

function ceremonyToMessage(ceremony: CeremonyInfo) {
  const { attempt, members, missing, deadline, excluded } = ceremony;
  return {
    status: STATUSES[ceremony.status],
    attempt,
    members: [...members],
    missing: [...missing],
    excluded: [...excluded],
    ...(deadline === undefined ? {} : { deadline: BigInt(deadline) }),
  };
}
