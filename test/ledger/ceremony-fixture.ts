/** Signed ceremony steps for tests, made from the ceremony record for which they are meant. */
import {
  ceremonyDeadline,
  ceremonyMembers,
  nextOpening,
} from "../../src/ledger/ceremony-progress.ts";
import type { CeremonyRecord, CeremonyRunning } from "../../src/ledger/ceremony-record.ts";
import type { State } from "../../src/ledger/state.ts";
import { type SigningKey, sha256 } from "../../src/node/base/crypto.ts";
import { type Bytes, utf8 } from "../../src/primitives/bytes.ts";
import { encodeKeyCertificateBody } from "../../src/primitives/key-certificate.ts";
import { validatorIndex } from "../../src/primitives/numbers.ts";
import type { SignedOperation } from "../../src/primitives/operation.ts";
import type { CeremonyStep } from "../../src/primitives/operations/ceremony-operations.ts";
import { block, idOf, type Network, sign } from "./fixture.ts";

type Body<S> = S extends CeremonyStep ? Omit<S, "author" | "id" | "validUntil"> : never;
export type StepBody = Body<CeremonyStep>;

export const secretOf = (member: number, attempt: number): Bytes =>
  sha256(utf8(`secret ${member} ${attempt}`));

export function signerOfMember(network: Network, member: number): SigningKey {
  const signer = network.identities[member];
  if (signer === undefined) throw new Error(`no validator ${member}`);
  return signer;
}

let serial = 0;
/** Signs any step for `member`; every call has another id. */
export function step(
  network: Network,
  state: State,
  member: number,
  body: StepBody,
): SignedOperation {
  const signer = signerOfMember(network, member);
  serial += 1;
  const record = state.ceremony;
  const validUntil =
    record.kind === "running" ? ceremonyDeadline(network.context, record) : state.time + 60_000;
  const common = { author: signer.publicKey, id: idOf(`step ${serial}`), validUntil };
  return sign(network, { ...common, ...body } as CeremonyStep, signer);
}

export function openBody(network: Network, state: State, time = state.time): StepBody {
  const opening = nextOpening(network.context, state.ceremony, time);
  if (opening === undefined) throw new Error("no opening is due");
  return { kind: "ceremonyOpen", ...opening };
}

export function round1Body(member: number, attempt: number): StepBody {
  const ephemeralKey = sha256(secretOf(member, attempt));
  return { kind: "ceremonyRound1", attempt, package: utf8(`package ${member}`), ephemeralKey };
}

/** Ciphertexts of `member` for all other members; the member `bad` gets a wrong one. */
export function sharesBody(
  network: Network,
  record: CeremonyRecord,
  member: number,
  change: { readonly bad?: number } = {},
): StepBody {
  const others = ceremonyMembers(network.context, record).filter((other) => other !== member);
  const ciphertexts = others.map((to) => ({
    to,
    ciphertext: utf8(to === change.bad ? "bad" : `from ${member} to ${to}`),
  }));
  return { kind: "ceremonyShares", attempt: record.attempt, ciphertexts };
}

export function confirmBody(network: Network, record: CeremonyRunning, member: number): StepBody {
  const { outcome, attempt, epoch } = record;
  if (outcome === undefined) throw new Error("there is no outcome yet");
  const { networkId } = network.context;
  const threshold = network.context.thresholdOf(epoch);
  const { groupKey, transcriptHash } = outcome;
  const body = encodeKeyCertificateBody({ networkId, epoch, groupKey, threshold, transcriptHash });
  const certificateSignature = signerOfMember(network, member).sign(body);
  return { kind: "ceremonyConfirm", attempt, ...outcome, certificateSignature };
}

export function complaintBody(attempt: number, complainer: number, accused: number): StepBody {
  const ephemeralSecret = secretOf(complainer, attempt);
  return { kind: "ceremonyComplaint", attempt, accused: validatorIndex(accused), ephemeralSecret };
}

export function runningRecord(state: State): CeremonyRunning {
  if (state.ceremony.kind !== "running") throw new Error("no attempt is running");
  return state.ceremony;
}

/** The step at which the ceremony stops: the named one is then due. */
export type Until = "round1" | "shares" | "confirm" | "final";

/** Opens an attempt and orders the steps of all members, one block for each kind, until `until` is due. */
export function play(network: Network, from: State, until: Until, time = from.time + 1): State {
  const members = () => ceremonyMembers(network.context, runningRecord(state));
  let state = from;
  const opening = openBody(network, state, time);
  if (opening.kind !== "ceremonyOpen") throw new Error("an opening");
  const [opener] = opening.members;
  state = block(network, state, [step(network, state, opener ?? 0, opening)], time).state;
  const { attempt } = state.ceremony;
  if (until === "round1") return state;
  const all = (body: (member: number) => StepBody) =>
    block(
      network,
      state,
      members().map((member) => step(network, state, member, body(member))),
    ).state;
  state = all((member) => round1Body(member, attempt));
  if (until === "shares") return state;
  state = all((member) => sharesBody(network, state.ceremony, member));
  if (until === "confirm") return state;
  return all((member) => confirmBody(network, runningRecord(state), member));
}
