/** Receipts whose seal is pending and whose votes have exactly one defect. */
import { sha256 } from "../../src/node/base/crypto.ts";
import { encodeHeader } from "../../src/primitives/block.ts";
import type { Bytes } from "../../src/primitives/bytes.ts";
import { epoch, height, validatorIndex, view } from "../../src/primitives/numbers.ts";
import { encodeCertificate, encodeVoteSubject } from "../../src/primitives/vote.ts";
import { namedSigningKey } from "../support/operations.ts";
import type { Broken } from "./receipt-cases-form.ts";
import { encoded, longer, pendingJson, signers, splice, votes } from "./receipt-forge.ts";
import { chainOf, finalize, networkId, ownHeader, quorum, signatureOf } from "./workshop.ts";

const other = sha256(new Uint8Array());
const headers = chainOf(2);
const last = headers.at(-1) ?? ownHeader;
const chain = encoded(headers);
const good = votes(finalize(last));
const under = (finalization: Bytes) => pendingJson(chain, finalization);
const about = (changes: Parameters<typeof finalize>[1]) => under(votes(finalize(last, changes)));
const signedBy = (...places: number[]) => under(votes(finalize(last, {}, signers(...places))));
const ofEpoch2 = { ...ownHeader, epoch: epoch(2) };

/** A quorum's notarize votes, presented as finalize votes. */
function notarizing(): Bytes {
  const { subject } = finalize(last);
  const message = encodeVoteSubject(networkId, { ...finalize(last, { kind: "notarize" }).subject });
  return encodeCertificate({ subject, signatures: quorum.map((by) => signatureOf(by, message)) });
}

function withStranger(): Bytes {
  const { subject, signatures } = finalize(last);
  const signature = namedSigningKey("a stranger").sign(encodeVoteSubject(networkId, subject));
  return encodeCertificate({
    subject,
    signatures: [...signatures, { signer: validatorIndex(4), signature }],
  });
}

/** Votes of another network for a block of the same hash. */
function ofAnotherNetwork(): Bytes {
  const { subject } = finalize(last);
  const message = encodeVoteSubject(other, subject);
  return encodeCertificate({ subject, signatures: quorum.map((by) => signatureOf(by, message)) });
}

export const VOTE_CASES: readonly Broken[] = [
  ["6.1", "under votes with another tag", under(splice(good, 1, Uint8Array.of(0x43)))],
  ["6.1", "under votes to notarize", about({ kind: "notarize" })],
  ["6.1", "under votes that go on", under(longer(good)), "only"],
  ["6.1", "under votes that end too early", under(good.slice(0, -1))],
  ["6.2", "under votes for the header below", under(votes(finalize(ownHeader))), "only"],
  ["6.2", "under votes for another header", about({ blockHash: other }), "only"],
  ["6.2", "under votes in another view", about({ view: view(last.view + 1) }), "only"],
  ["6.2", "under votes at another height", about({ height: height(last.height + 1) }), "only"],
  [
    "6.3",
    "under votes of another epoch",
    pendingJson([encodeHeader(ofEpoch2)], votes(finalize(ofEpoch2))),
    "only",
  ],
  ["6.4", "under two members' votes", signedBy(1, 2), "only"],
  ["6.4", "under no vote", signedBy(), "only"],
  ["6.5", "under two members' votes, one of them twice", signedBy(1, 2, 2), "only"],
  ["6.5", "under votes out of order", signedBy(1, 0, 2), "only"],
  ["6.5", "under a stranger's vote as well", under(withStranger())],
  ["6.6", "under votes to notarize that are said to finalize", under(notarizing()), "only"],
  ["6.6", "under votes in another network", under(ofAnotherNetwork()), "only"],
];
