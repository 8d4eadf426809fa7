// A node's conclusions from its peers' records of it: a liar can neither silence the node nor make it speak.
import { describe, expect, it } from "vitest";
import { FIRST_EPOCH } from "../../../src/ledger/epochs.ts";
import { checkRecall } from "../../../src/node/amnesia/recall-check.ts";
import { StartCheck } from "../../../src/node/amnesia/start-check.ts";
import { createLog } from "../../../src/node/base/log.ts";
import { inlineChecker } from "../../../src/node/base/signature-checker.ts";
import { realSystem } from "../../../src/node/base/system.ts";
import { epoch, height, validatorIndex, view } from "../../../src/primitives/numbers.ts";
import {
  type Certificate,
  encodeVoteSubject,
  type Vote,
  type VoteSubject,
} from "../../../src/primitives/vote.ts";
import type { Recollection } from "../../../src/transport/peer-api.ts";
import { PeerFailure } from "../../../src/transport/peer-client.ts";
import { encodeRegistration, type Registration } from "../../../src/transport/registration.ts";
import { createNetwork, keyOf } from "../../ledger/fixture.ts";

const network = createNetwork();
const { context } = network;
const SELF = validatorIndex(1);
const self = context.genesis.validators[SELF] ?? expect.fail("a member");

const registration: Registration = {
  networkId: context.networkId,
  nodeId: self.id,
  address: self.peerAddress,
  clientAddress: self.clientAddress,
  journalId: new Uint8Array(16).fill(1),
  starts: 5,
  rejoined: false,
  startId: new Uint8Array(16).fill(5),
};
const signed = (fields: Partial<Registration> = {}, signer = SELF) => {
  const body = { ...registration, ...fields };
  return { registration: body, signature: identity(signer).sign(encodeRegistration(body)) };
};
const other = new Uint8Array(16).fill(2);

function identity(index: number) {
  return network.identities[index] ?? keyOf("stranger");
}

const nullify = (at: number): VoteSubject => {
  return { kind: "nullify", epoch: FIRST_EPOCH, view: view(at) };
};
const onBlock = (kind: "notarize" | "finalize", at: number): VoteSubject => {
  const blockHash = new Uint8Array(32).fill(at);
  return { kind, epoch: FIRST_EPOCH, view: view(at), height: height(at - 1), blockHash };
};

function voteOf(subject: VoteSubject, signer = SELF, by = identity(signer)): Vote {
  const signature = by.sign(encodeVoteSubject(context.networkId, subject));
  return { ...subject, signer, signature };
}

function certificate(subject: VoteSubject, signers = [0, 1, 2]): Certificate {
  const votes = signers.map((signer) => voteOf(subject, validatorIndex(signer)));
  return { subject, signatures: votes.map(({ signer, signature }) => ({ signer, signature })) };
}

/** This node has voted in view 8 and in no higher view; its votes below view 6 no longer count. */
const lacks = (subject: VoteSubject) => subject.view > 5 && subject.view !== 8;

const blank: Recollection = {
  registration: undefined,
  vote: undefined,
  view: view(1),
  entry: undefined,
  finalization: undefined,
};

function judge(recollection: Partial<Recollection>, own = signed()) {
  return checkRecall(
    { context, epoch: FIRST_EPOCH, self, checker: inlineChecker },
    { own, core: { lacks } },
    { ...blank, ...recollection },
  );
}

describe("nothing is missing", () => {
  it.each<[string, Partial<Recollection>]>([
    ["when a peer remembers nothing", {}],
    ["when it holds an earlier start", { registration: signed({ starts: 4, startId: other }) }],
    ["when it holds this start", { registration: signed() }],
    ["when the journal knows the vote", { vote: voteOf(nullify(8)) }],
    ["when the vote's view is settled", { vote: voteOf(nullify(3)) }],
    ["when it shows how it came into its view", { view: view(10), entry: certificate(nullify(9)) }],
  ])("%s", async (_name, recollection) => {
    expect(await judge(recollection)).toEqual({ kind: "sound", finalHeight: 0 });
  });

  it("and a finalization proves the height up to which the chain is final", async () => {
    const finalization = certificate(onBlock("finalize", 8));
    expect(await judge({ finalization })).toEqual({ kind: "sound", finalHeight: 7 });
  });

  it("when the journal replaced the one remembered, by the rejoin procedure", async () => {
    const own = signed({ journalId: other, starts: 6, rejoined: true });
    expect(await judge({ registration: signed() }, own)).toEqual({
      kind: "sound",
      finalHeight: 0,
    });
  });
});

describe("R29: a lapse is proved", () => {
  it.each<[string, Partial<Recollection>, RegExp]>([
    ["by another journal", { registration: signed({ journalId: other }) }, /another journal/],
    ["by a higher number", { registration: signed({ starts: 6 }) }, /6 times .* counts 5/],
    ["by another process", { registration: signed({ startId: other }) }, /copy of its journal/],
    ["by a vote it does not know", { vote: voteOf(nullify(9)) }, /nullify in view 9/],
  ])("%s", async (_name, recollection, found) => {
    expect(await judge(recollection)).toEqual({
      kind: "lapse",
      found: expect.stringMatching(found),
    });
  });

  it("when two journals have rejoined: the one of the lower number", async () => {
    const own = signed({ journalId: other, starts: 6, rejoined: true });
    const later = signed({ starts: 7, rejoined: true });
    expect(await judge({ registration: later }, own)).toMatchObject({ kind: "lapse" });
  });
});

describe("a liar's answer is worth nothing", () => {
  it.each<[string, Partial<Recollection>]>([
    [
      "with a registration of its own making",
      { registration: signed({ starts: 9 }, validatorIndex(0)) },
    ],
    ["with a registration of another member", { registration: signed({ nodeId: "node1" }) }],
    [
      "with a registration for another network",
      { registration: signed({ networkId: new Uint8Array(32) }) },
    ],
    ["with a vote of its own making", { vote: voteOf(nullify(9), SELF, identity(0)) }],
    ["with another's vote", { vote: voteOf(nullify(9), validatorIndex(0)) }],
    ["with a view and no certificate", { view: view(10) }],
    ["with a certificate of another view", { view: view(99), entry: certificate(nullify(9)) }],
    ["with too few signatures", { view: view(10), entry: certificate(nullify(9), [0, 1]) }],
    [
      "with a notarization as a finalization",
      { finalization: certificate(onBlock("notarize", 8)) },
    ],
    [
      "with a finalization of too few signatures",
      { finalization: certificate(onBlock("finalize", 8), [0, 1]) },
    ],
    [
      "with a finalization of another block",
      { finalization: { ...certificate(onBlock("finalize", 8)), subject: onBlock("finalize", 9) } },
    ],
    [
      "with a finalization of another epoch",
      { finalization: certificate({ ...onBlock("finalize", 8), epoch: epoch(2) }) },
    ],
    [
      "with a signature for another view",
      {
        view: view(10),
        entry: { ...certificate(nullify(8)), subject: nullify(9) },
      },
    ],
  ])("%s", async (_name, recollection) => {
    expect(await judge(recollection)).toMatchObject({ kind: "worthless" });
  });
});

describe("R29: the check at the start", () => {
  /** Peers with given answers; each is asked again only when the test lets time pass. */
  function check(
    answers: Readonly<Record<number, () => Recollection | PeerFailure | Promise<Recollection>>>,
  ) {
    const said: string[] = [];
    const waiting: (() => void)[] = [];
    const started = new StartCheck({
      contacts: {
        others: [0, 2, 3].map(validatorIndex),
        recall: async (peer) => answers[peer]?.() ?? expect.fail("no such peer"),
      },
      quorum: 3,
      judge: {
        judge,
        sound: () => said.push("sound"),
        lapse: (peer) => said.push(`lapse by ${peer}`),
      },
      system: {
        monotonic: () => 0,
        wall: () => 0,
        after: (_delayMs, action) => {
          waiting.push(action);
          return () => waiting.splice(waiting.indexOf(action), 1);
        },
        entropy: () => new Uint8Array(0),
      },
      log: { debug: nothing, info: nothing, warn: nothing, error: nothing },
      fail: (error) => said.push(String(error)),
    });
    started.start();
    const settle = () => new Promise((resolve) => setImmediate(resolve));
    const again = async () => {
      for (const action of waiting.splice(0)) action();
      await settle();
    };
    return { said, settle, again, started };
  }
  const nothing = () => undefined;
  const sound = () => blank;
  const silent = () => new PeerFailure("unreachable", "down");
  const liar = () => ({ ...blank, view: view(77) });
  const witness = () => ({ ...blank, vote: voteOf(nullify(9)) });

  it("ends well with a quorum, this node included, and only once", async () => {
    const { said, settle, again } = check({ 0: sound, 2: silent, 3: sound });
    await settle();
    await again();
    expect(said).toEqual(["sound"]);
  });

  it("does not count liars and the silent, and asks them again", async () => {
    let down = true;
    const { said, settle, again, started } = check({
      0: liar,
      2: () => (down ? silent() : blank),
      3: sound,
    });
    await settle();
    await again();
    expect(said).toEqual([]);
    expect(started.missing).toBe(1);
    down = false;
    await again();
    expect(said).toEqual(["sound"]);
  });

  it("takes a proof that it was still looking at when a quorum was there", async () => {
    let prove = () => undefined as unknown;
    const late = new Promise<Recollection>((resolve) => {
      prove = () => resolve(witness());
    });
    const { said, settle } = check({ 0: sound, 2: () => late, 3: sound });
    await settle();
    expect(said).toEqual(["sound"]);
    prove();
    await settle();
    expect(said).toEqual(["sound", "lapse by 2"]);
  });

  it("ends at the first proof of a lapse, against the word of all others", async () => {
    const { said, settle, again } = check({ 0: witness, 2: sound, 3: silent });
    await settle();
    await again();
    expect(said).toEqual(["lapse by 0"]);
  });
});

it("a proof that is being judged when others complete the quorum is not thrown away", async () => {
  const heard: string[] = [];
  const quorum = Promise.withResolvers<void>();
  const lapse = Promise.withResolvers<void>();
  const check = new StartCheck({
    contacts: {
      others: [0, 3, 2].map(validatorIndex),
      recall: (peer) => Promise.resolve({ ...blank, view: view(peer + 1) }),
    },
    quorum: 3,
    judge: {
      judge: async (recollection) => {
        const { view: at } = recollection;
        if (at !== 1) return { kind: "sound", finalHeight: height(at) };
        await quorum.promise;
        setImmediate(lapse.resolve);
        return { kind: "lapse", found: "another journal" };
      },
      sound: (finalHeight) => {
        heard.push(`sound, final up to ${finalHeight}`);
        quorum.resolve();
      },
      lapse: (_peer, found) => void heard.push(found),
    },
    system: realSystem,
    log: createLog("node", "silent"),
    fail: (error) => expect.fail(String(error)),
  });
  check.start();
  await lapse.promise;
  expect(heard).toEqual(["sound, final up to 4", "another journal"]);
});
