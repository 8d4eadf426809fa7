/**
 * The roles of test/simulation on the links of a whole node: its consensus messages are decoded, twisted and signed
 * again.
 */
import type { ConsensusConfig, Outgoing } from "../../../src/consensus/interface.ts";
import { decodeMessage, encodeMessage, type Message } from "../../../src/consensus/message.ts";
import { FIRST_EPOCH } from "../../../src/ledger/epochs.ts";
import { type Bytes, toHex } from "../../../src/primitives/bytes.ts";
import { EncodingError } from "../../../src/primitives/encoding.ts";
import { validatorIndex } from "../../../src/primitives/numbers.ts";
import type { LinkBatch } from "../../../src/transport/peer-api.ts";
import type { Role, SpeakerContext } from "../../support/byzantine/role.ts";
import { twistedApi } from "../../support/twisted-api.ts";
import type { HostileContext, Hostility } from "./hostility.ts";

/** The number of remembered broadcasts: each is twisted once, and not once for each link. */
const REMEMBERED_MAX = 1_000;

export function twistedSpeech(
  context: HostileContext,
  createRole: (context: SpeakerContext) => Role,
): Hostility {
  const { ledger, random, clock, peers } = context;
  const role = createRole({
    config: configOf(context),
    random,
    after: (delayMs, said) => void clock.after(delayMs, () => said.forEach(carry)),
  });
  /** For each message, the links that have carried it since it was twisted. */
  const carriedBy = new Map<string, Set<number>>();

  function carry({ to, message }: Outgoing): void {
    const consensusMessages = [encodeMessage(message)];
    for (const peer of to === "all" ? peers : [to]) context.send(peer, { consensusMessages });
  }

  /** True for a message to all that another link has already carried. */
  function isTwisted(to: number, bytes: Bytes): boolean {
    const key = toHex(bytes);
    const carried = carriedBy.get(key);
    if (carried !== undefined && !carried.has(to)) {
      carried.add(to);
      return true;
    }
    carriedBy.set(key, new Set([to]));
    const [oldest] = carriedBy.keys();
    if (carriedBy.size > REMEMBERED_MAX && oldest !== undefined) carriedBy.delete(oldest);
    return false;
  }

  function twist(to: number, bytes: Bytes): Bytes[] {
    const message = decoded(ledger, bytes);
    if (message === undefined) return [bytes];
    const isToAll = ["proposal", "vote", "nullify"].includes(message.kind);
    if (isToAll && isTwisted(to, bytes)) return [];
    const said = role.twist({ to: isToAll ? "all" : validatorIndex(to), message });
    for (const other of said) {
      if (other.to === "all")
        for (const peer of peers) if (peer !== to) carry({ ...other, to: validatorIndex(peer) });
      if (other.to !== "all" && other.to !== to) carry(other);
    }
    return said.flatMap((one) => {
      return one.to === "all" || one.to === to ? [encodeMessage(one.message)] : [];
    });
  }

  return {
    twistBatch: (to: number, batch: LinkBatch) => ({
      ...batch,
      consensusMessages: batch.consensusMessages.flatMap((bytes) => twist(to, bytes)),
    }),
    twistApi: (api) =>
      twistedApi(api, () => ({
        receive: (from, batch, signal) => {
          for (const bytes of batch.consensusMessages) {
            const message = decoded(ledger, bytes);
            if (message !== undefined) role.hear?.(message);
          }
          return api.receive(from, batch, signal);
        },
      })),
  };
}

function decoded({ hash }: HostileContext["ledger"], bytes: Bytes): Message | undefined {
  const message = decodeMessage(hash, bytes);
  return message instanceof EncodingError ? undefined : message;
}

function configOf({ ledger, self, identity }: HostileContext): ConsensusConfig {
  const { genesis, hash, networkId } = ledger;
  return {
    networkId,
    epoch: FIRST_EPOCH,
    validators: genesis.validators,
    self: self.index,
    timeoutBaseMs: genesis.timings.viewTimeoutMs,
    timeoutCapMs: genesis.timings.viewTimeoutMsMax,
    clockToleranceMs: genesis.timings.clockSkewMs,
    hash,
    sign: identity.sign,
  };
}
