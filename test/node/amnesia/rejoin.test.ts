/** A4: a node without its journal takes part again only in views in which it cannot contradict an earlier vote. */
import { describe, expect, it } from "vitest";
import { FIRST_EPOCH } from "../../../src/ledger/epochs.ts";
import { rejoin } from "../../../src/node/amnesia/rejoin.ts";
import { inlineChecker } from "../../../src/node/base/signature-checker.ts";
import { realSystem } from "../../../src/node/base/system.ts";
import { validatorIndex, view } from "../../../src/primitives/numbers.ts";
import { encodeVoteSubject, type VoteSubject } from "../../../src/primitives/vote.ts";
import type { JournalIdentity } from "../../../src/storage/contracts.ts";
import { openMemoryStore } from "../../../src/storage/memory-store.ts";
import type { Recollection } from "../../../src/transport/peer-api.ts";
import { PeerFailure } from "../../../src/transport/peer-client.ts";
import { encodeRegistration } from "../../../src/transport/registration.ts";
import { createNetwork, type Network } from "../../ledger/fixture.ts";

const SELF = validatorIndex(1);
const sound: JournalIdentity = {
  journalId: new Uint8Array(16).fill(1),
  starts: 5,
  firstView: view(1),
  amnesiac: false,
  rejoined: false,
};

/** A peer's record: its view, with the certificate, and the highest number of starts that it heard. */
function remembers({ context, identities }: Network, at: number, starts: number) {
  const self = context.genesis.validators[SELF] ?? expect.fail("a member");
  const registration = {
    networkId: context.networkId,
    nodeId: self.id,
    address: self.peerAddress,
    clientAddress: self.clientAddress,
    journalId: sound.journalId,
    starts,
    rejoined: false,
    startId: new Uint8Array(16).fill(starts),
  };
  const own = identities[SELF] ?? expect.fail("a key");
  const subject: VoteSubject = { kind: "nullify", epoch: FIRST_EPOCH, view: view(at - 1) };
  const message = encodeVoteSubject(context.networkId, subject);
  const signatures = identities
    .slice(0, 3)
    .map((signer, i) => ({ signer: validatorIndex(i), signature: signer.sign(message) }));
  const recollection: Recollection = {
    registration: { registration, signature: own.sign(encodeRegistration(registration)) },
    vote: undefined,
    view: view(at),
    entry: { subject, signatures },
    finalization: undefined,
  };
  return recollection;
}

/** Rejoins with these answers of the peers, with `held` on the disk; a peer without an answer is away. */
async function attempt(
  { context }: Network,
  held: JournalIdentity | undefined,
  answers: Readonly<Record<number, Recollection>>,
) {
  const store = await openMemoryStore({ identity: { networkId: context.networkId } });
  if (held !== undefined) await store.journalIdentity.save(held);
  await store.journal.append([Uint8Array.of(1)]);
  const ending = new AbortController();
  const asked = new Set<number>();
  const outcome = await rejoin({
    context,
    epoch: FIRST_EPOCH,
    self: context.genesis.validators[SELF] ?? expect.fail("a member"),
    checker: inlineChecker,
    store,
    system: realSystem,
    onAnswer: () => undefined,
    signal: ending.signal,
    clientOf: ({ index }) => ({
      recall: () => {
        const answer = answers[index];
        // The operator gives up when a peer has to be asked a second time.
        if (asked.has(index)) ending.abort();
        asked.add(index);
        return Promise.resolve(answer ?? new PeerFailure("unreachable", "it is away"));
      },
    }),
  });
  const identity = await store.journalIdentity.load();
  return { outcome, identity, journal: (await store.journal.load()).length };
}

describe("A4: rejoining", () => {
  const four = createNetwork();
  const lost = { ...sound, amnesiac: true };
  const answers = { 0: remembers(four, 7, 5), 2: remembers(four, 9, 3), 3: remembers(four, 4, 8) };

  it.each([
    ["under the verdict", lost],
    ["whose journal is gone", undefined],
  ])(
    "of a node %s begins above every view that an answer shows, and counts on from the highest number plus 1,000",
    async (_, held) => {
      const { outcome, identity, journal } = await attempt(four, held, answers);
      expect(outcome).toEqual({ kind: "rejoined", firstView: 11, starts: 1_008 });
      const marks = { firstView: 11, starts: 1_008, rejoined: true, amnesiac: false };
      expect(identity).toMatchObject(marks);
      expect(identity?.journalId).not.toEqual(sound.journalId);
      expect(journal).toBe(0);
    },
  );

  it("takes no view without its certificate, nor a quorum less one", async () => {
    const liar = { ...remembers(four, 9, 3), view: view(4_000) };
    const { outcome, identity, journal } = await attempt(four, lost, { ...answers, 2: liar });
    expect(outcome).toEqual({ kind: "tooFewAnswers", answers: 2, needed: 3 });
    expect(identity).toEqual(lost);
    expect(journal).toBe(1);
  });

  it("is not for a node that lacks nothing, nor for a network in which no quorum is without it", async () => {
    expect((await attempt(four, sound, answers)).outcome).toEqual({ kind: "notAmnesiac" });
    const three = createNetwork(3);
    const { outcome } = await attempt(three, { ...lost }, answers);
    expect(outcome).toEqual({ kind: "tooFewValidators", validators: 3 });
  });
});
