/** Lists the signatures that must hold before a message may be given to the core. Cheap checks come first. */
import { unreachable } from "../primitives/assert.ts";
import { equalBytes } from "../primitives/bytes.ts";
import { LIMITS } from "../primitives/limits.ts";
import type { SignatureCheck } from "../primitives/signature.ts";
import { type Certificate, certificateChecks, type Vote, voteCheck } from "../primitives/vote.ts";
import type { ConsensusConfig } from "./config.ts";
import type { Message, Proposal } from "./message.ts";

type Judges = Pick<ConsensusConfig, "networkId" | "epoch" | "validators">;

/** The checks that make `message` authentic; undefined if it cannot be, whatever the signatures: drop it. */
export function messageChecks(config: Judges, message: Message): SignatureCheck[] | undefined {
  switch (message.kind) {
    case "proposal":
      return proposalFits(message.proposal) ? voteChecks(config, message.proposal.vote) : undefined;
    case "vote":
    case "nullify":
      return voteChecks(config, message.vote);
    case "certificates":
      return allCertificateChecks(config, message.certificates);
    case "status":
      return message.epoch === config.epoch
        ? allCertificateChecks(config, message.certificates)
        : undefined;
    case "question":
      return message.epoch === config.epoch && message.from <= message.to ? [] : undefined;
    default:
      return unreachable(message);
  }
}

/** The vote is the proposer's, and about exactly this header. */
function proposalFits(proposal: Proposal): boolean {
  const { header, vote } = proposal;
  return (
    vote.kind === "notarize" &&
    vote.signer === header.proposer &&
    vote.epoch === header.epoch &&
    vote.view === header.view &&
    vote.height === header.height &&
    equalBytes(vote.blockHash, proposal.hash) &&
    proposal.leafHashes.length <= LIMITS.blockOperationsMax
  );
}

function voteChecks(config: Judges, vote: Vote): SignatureCheck[] | undefined {
  if (vote.epoch !== config.epoch) return undefined;
  const check = voteCheck(config.networkId, config.validators, vote);
  return check && [check];
}

function allCertificateChecks(
  config: Judges,
  certificates: readonly Certificate[],
): SignatureCheck[] | undefined {
  const all: SignatureCheck[] = [];
  for (const certificate of certificates) {
    if (certificate.subject.epoch !== config.epoch) return undefined;
    const checks = certificateChecks(config.networkId, config.validators, certificate);
    if (checks === undefined) return undefined;
    all.push(...checks);
  }
  return all;
}
