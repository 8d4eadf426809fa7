/** A chain of final blocks: really executed, each under its own finalization by a quorum. */
import type { BlockCertificate } from "../../src/consensus/certificates.ts";
import type { Proposal } from "../../src/consensus/message.ts";
import { FIRST_EPOCH } from "../../src/ledger/epochs.ts";
import { genesisHeader } from "../../src/ledger/header.ts";
import { genesisState } from "../../src/ledger/state.ts";
import { Pool } from "../../src/mempool/pool.ts";
import { Application, type ExecutedBlock } from "../../src/node/execution/application.ts";
import {
  BlockBuilder,
  type BlockBuilderParts,
  type BuildRequest,
} from "../../src/node/execution/block-builder.ts";
import { BlockJudge } from "../../src/node/execution/block-judge.ts";
import { PoolWork } from "../../src/node/execution/pool-work.ts";
import { assembleBlock, type Block } from "../../src/primitives/block.ts";
import { validatorIndex, view } from "../../src/primitives/numbers.ts";
import type { SignedOperation } from "../../src/primitives/operation.ts";
import { quorumOf } from "../../src/primitives/validators.ts";
import { encodeVoteSubject } from "../../src/primitives/vote.ts";
import { CREATED_AT, type Network } from "../ledger/fixture.ts";

export function genesisBlock({ context }: Network): Block {
  return assembleBlock(context.hash, genesisHeader(context), []);
}

/** An application that knows only the genesis. */
export function freshApplication(network: Network, pool = new Pool(ROOMY)): Application {
  const { context } = network;
  const final = { state: genesisState(context), hash: genesisBlock(network).hash };
  return new Application({ context, pool, final });
}

/** The parts of an application that build blocks, judge proposals and assess work. */
export function partsOn(
  parts: Omit<BlockBuilderParts, "signaturesValid">,
  signaturesValid: BlockBuilderParts["signaturesValid"] = () => true,
) {
  const given = { ...parts, signaturesValid };
  return {
    builder: new BlockBuilder(given),
    judge: new BlockJudge(given),
    work: new PoolWork(given),
  };
}

const ROOMY = { operationsPerSenderMax: 10_000, bytesPerSenderMax: 10_000_000 };

export class Chain {
  readonly #network: Network;
  readonly #pool = new Pool(ROOMY);
  readonly #application: Application;
  readonly #builder: BlockBuilder;
  /** From height 1. */
  readonly blocks: Block[] = [];
  readonly executed: ExecutedBlock[] = [];

  constructor(network: Network) {
    this.#network = network;
    this.#application = freshApplication(network, this.#pool);
    const { context } = network;
    this.#builder = partsOn({ context, pool: this.#pool, application: this.#application }).builder;
  }

  get height(): number {
    return this.blocks.length;
  }

  /** One more final block, with these operations. */
  add(...operations: readonly SignedOperation[]): Block {
    for (const operation of operations) this.#pool.add(operation, validatorIndex(0));
    const { hash, header } = this.blocks.at(-1) ?? genesisBlock(this.#network);
    const number = this.height + 1;
    const block = this.#builder.build(
      {
        kind: "build",
        epoch: FIRST_EPOCH,
        view: view(number),
        proposer: validatorIndex(number % 4),
        parent: { hash, header },
        ancestors: [],
        operations: operations.length > 0,
      },
      CREATED_AT + number,
    );
    if (block?.operations.length !== operations.length) throw new Error("not all are valid here");
    this.executed.push(this.#application.finalize(block));
    this.#pool.settle(
      operations.map(({ key }) => key),
      block.header.time,
      0,
    );
    this.blocks.push(block);
    return block;
  }

  extend(count: number): void {
    for (let i = 0; i < count; i++) this.add();
  }

  /** A finalization by a quorum, or by `signers`. */
  finalization(at: number, signers = this.#network.identities): BlockCertificate {
    const block = this.blocks[at - 1];
    if (block === undefined) throw new Error(`no block of height ${at}`);
    const { epoch, view: of, height } = block.header;
    const subject = { kind: "finalize", epoch, view: of, height, blockHash: block.hash } as const;
    const message = encodeVoteSubject(this.#network.context.networkId, subject);
    const quorum = signers.slice(0, quorumOf(this.#network.identities.length));
    const signatures = quorum.map((signer, i) => ({
      signer: validatorIndex(i),
      signature: signer.sign(message),
    }));
    return { subject, signatures };
  }
}

/** Asks the application for a block of view 9 on `tip`. */
export function buildOn(tip: Block, fields: Partial<BuildRequest> = {}): BuildRequest {
  return {
    kind: "build",
    epoch: FIRST_EPOCH,
    view: view(9),
    proposer: validatorIndex(0),
    parent: { hash: tip.hash, header: tip.header },
    ancestors: [],
    operations: true,
    ...fields,
  };
}

/** The block as a leader sends it: with leaf hashes in place of operations. */
export function proposalOf(
  { header, headerBytes, hash }: Block,
  operations: readonly SignedOperation[],
) {
  const leafHashes = operations.map(({ leafHash }) => leafHash);
  const proposal: Proposal = {
    header,
    headerBytes,
    hash,
    leafHashes,
    vote: {
      kind: "notarize",
      epoch: header.epoch,
      view: header.view,
      height: header.height,
      blockHash: hash,
      signer: header.proposer,
      signature: new Uint8Array(64),
    },
  };
  return proposal;
}
