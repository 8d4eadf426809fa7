/**
 * S4: a signer that holds a seal of the header, or of one above that covers it, answers with the seal, also one that it holds
 * since before its start and that its engine no longer knows.
 */
import { expect, it } from "vitest";
import { sha256 } from "../../../src/node/base/crypto.ts";
import { createLog } from "../../../src/node/base/log.ts";
import { inlineChecker } from "../../../src/node/base/signature-checker.ts";
import { realSystem } from "../../../src/node/base/system.ts";
import { EngineSlot } from "../../../src/node/sealing/engine-slot.ts";
import { ShareAnswers } from "../../../src/node/sealing/share-answers.ts";
import { VerificationStatements } from "../../../src/node/sealing/verification-statements.ts";
import { height, validatorIndex } from "../../../src/primitives/numbers.ts";
import { openMemoryStore } from "../../../src/storage/memory-store.ts";
import { resultOf } from "../../../src/transport/verification.ts";
import { createNetwork, creation } from "../../ledger/fixture.ts";
import { sharesOf } from "../../seal/seal-world.ts";
import { bytesNamed } from "../../storage/sample-chain.ts";
import { engineInlineOn } from "../../support/inline-engine.ts";
import { Chain } from "../chain.ts";

const network = createNetwork();
const { context, identities } = network;
const { networkId } = context;
const block = new Chain(network).add(creation(network, { name: "alice", balance: 100n }));
const computed = resultOf(block.header, block.hash);
const session = { run: 1, number: 1 };
const fail = (error: unknown) => expect.fail(String(error));

/** The answer of a restarted member to a request for a share of header 1, if its store has a seal of this height. */
async function answerWithSealAt(sealed: number | undefined) {
  const [share = expect.fail("a share")] = sharesOf(4);
  const [, peer = expect.fail("a member")] = identities;
  const store = await openMemoryStore({ identity: { networkId } });
  if (sealed !== undefined) await store.seals.save(height(sealed), bytesNamed("seal", 64));
  const { evidence } = store;
  const statementsOf = (identity: typeof peer, self: number) =>
    new VerificationStatements({
      networkId,
      validators: context.genesis.validators,
      self: validatorIndex(self),
      identity,
      hash: sha256,
      checker: inlineChecker,
      store: { evidence, blocks: { loadHeader: async () => block.headerBytes } },
      log: createLog("test", "silent"),
    });
  const engine = new EngineSlot(engineInlineOn(realSystem));
  const setup = { self: share.member, run: 1, key: share.key, share, patienceMs: 1 };
  engine.open({ ...setup, patienceMaxMs: 1 }, { receive: () => undefined, fail });
  const answers = new ShareAnswers({
    networkId,
    statements: statementsOf(identities[0] ?? peer, 0),
    engine,
    schedule: { heard: () => undefined },
    seals: store.seals,
    waiters: { isFull: false, finalHeight: 0, height: async () => undefined },
    commitWaitMs: 1,
    system: realSystem,
  });
  const target = { kind: "header", epoch: computed.epoch, height: height(1) } as const;
  const request = { kind: "sign", target, session, commitments: [] } as const;
  const signed = statementsOf(peer, 1).sign({ computed, request });
  const answer = await answers.answer(signed, validatorIndex(1));
  await engine.close();
  return answer;
}

it.each([1, 3, 64])(
  "S4: a request for header 1 is answered with the seal of height %i",
  async (at) => {
    const target = { kind: "header", epoch: computed.epoch, height: at };
    const seal = bytesNamed("seal", 64);
    expect(await answerWithSealAt(at)).toEqual({ kind: "seal", session, target, seal });
  },
);

it.each([undefined, 65])(
  "S4: a request for header 1 is not answered with a seal of height %s, which does not cover it",
  async (at) => {
    expect(await answerWithSealAt(at)).toEqual({ kind: "refused", session, reason: "notFinal" });
  },
);
