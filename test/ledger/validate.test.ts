import { ED25519_TORSION_SUBGROUP, ed25519 } from "@noble/curves/ed25519.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { InvalidReason } from "../../src/ledger/invalid-reason.ts";
import { type SigningKey, sha256 } from "../../src/node/base/crypto.ts";
import { amount } from "../../src/primitives/amount.ts";
import { validatorIndex } from "../../src/primitives/numbers.ts";
import { assembleOperation, type SignedOperation } from "../../src/primitives/operation.ts";
import type { Operation } from "../../src/primitives/operation-kinds.ts";
import {
  block,
  CREATED_AT,
  common,
  createNetwork,
  creation,
  fingerprint,
  GRACE_MS,
  idOf,
  keyOf,
  LIFETIME_MS,
  sign,
  start,
  statuses,
  transfer,
  tryBlock,
  walletIdOf,
} from "./fixture.ts";

const network = createNetwork();
const state = block(network, start(network), [
  creation(network, { name: "alice", balance: 1_000n }),
  creation(network, { name: "bob" }),
  creation(network, { name: "satoshi", asset: "BTC", balance: 50n }),
]).state;
const TIME = state.time + 1;

const [identity] = network.identities;
const [custodian, otherCustodian] = network.custodians;
if (!identity || !custodian || !otherCustodian) throw new Error("a network has validators");

const pay = (changes: Partial<Operation> = {}, signer = keyOf("alice")): SignedOperation =>
  sign(
    network,
    {
      kind: "transfer",
      ...common(keyOf("alice"), "pay"),
      from: walletIdOf(network, "alice"),
      to: walletIdOf(network, "bob"),
      asset: "EUR",
      amount: amount(1n),
      ...changes,
    } as Operation,
    signer,
  );

interface CreationChanges {
  readonly fields?: Partial<Operation>;
  readonly signer?: SigningKey;
  readonly sponsor?: { readonly index: number; readonly signer: SigningKey } | undefined;
}

/** A sponsored creation signed by carol, with changes. */
function create({ fields, signer, ...rest }: CreationChanges = {}): SignedOperation {
  const carol = keyOf("carol");
  const sponsor = "sponsor" in rest ? rest.sponsor : { index: 0, signer: custodian as SigningKey };
  const operation = {
    kind: "walletCreation",
    ...common(carol, "create carol"),
    publicKey: carol.publicKey,
    asset: "EUR",
    initialBalance: undefined,
    ...fields,
  } as Operation;
  return sign(network, operation, signer ?? carol, sponsor);
}

function issue(fields: Partial<Operation>, signer: SigningKey): SignedOperation {
  return create({ fields: { author: signer.publicKey, ...fields }, signer, sponsor: undefined });
}

const open = (signer: SigningKey): SignedOperation =>
  sign(
    network,
    {
      kind: "ceremonyOpen",
      ...common(signer, "open"),
      attempt: 1,
      members: [0, 1, 2, 3].map(validatorIndex),
      threshold: 3,
    },
    signer,
  );

const balance = amount(5n);
const fixed = (rest: number, ...start: number[]) =>
  Uint8Array.from({ length: 32 }, (_, i) => start[i] ?? rest);
/** Of order 2, encoded as p - 1. */
const SMALL_ORDER = fixed(0xff, 0xec).with(31, 0x7f);
const IDENTITY = fixed(0, 1);
/** No point has y = 2. */
const NO_POINT = fixed(0, 2);
/** y = p + 1 is another encoding of the identity's y. */
const NOT_CANONICAL = fixed(0xff, 0xee).with(31, 0x7f);
const TORSION = ed25519.Point.fromHex(ED25519_TORSION_SUBGROUP[1] ?? "");
const MIXED_ORDER = ed25519.Point.BASE.add(TORSION).toBytes();

const flipSignature = (signed: SignedOperation): SignedOperation => {
  const signature = signed.signature.slice();
  signature[40] = (signature[40] ?? 0) ^ 1;
  return assembleOperation(sha256, network.context.networkId, { ...signed, signature });
};

interface Row {
  readonly name: string;
  readonly reason: InvalidReason;
  readonly operation: SignedOperation;
}

const ROWS: readonly Row[] = [
  {
    name: "a balance of zero that is not encoded as absent",
    reason: "malformed",
    operation: issue({ initialBalance: amount(0n) }, keyOf("issuer")),
  },
  { name: "a transfer of zero", reason: "zeroAmount", operation: pay({ amount: amount(0n) }) },
  {
    name: "a transfer to itself",
    reason: "payerIsPayee",
    operation: pay({ to: walletIdOf(network, "alice") }),
  },
  {
    name: "a reference of 141 bytes",
    reason: "referenceTooLong",
    operation: pay({ reference: `${"é".repeat(70)}a` }),
  },
  {
    name: "an unknown asset",
    reason: "unknownAsset",
    operation: create({ fields: { asset: "XXX" } }),
  },
  {
    name: "a transfer in an unknown asset",
    reason: "unknownAsset",
    operation: pay({ asset: "XXX" }),
  },
  {
    name: "a transfer in an asset named by a code of other case",
    reason: "unknownAsset",
    operation: pay({ asset: "eur" }),
  },
  {
    name: "a key of small order",
    reason: "invalidPublicKey",
    operation: issue({ publicKey: SMALL_ORDER, initialBalance: balance }, keyOf("issuer")),
  },
  {
    name: "the identity as a key",
    reason: "invalidPublicKey",
    operation: issue({ publicKey: IDENTITY, initialBalance: balance }, keyOf("issuer")),
  },
  {
    name: "a key that is no point",
    reason: "invalidPublicKey",
    operation: issue({ publicKey: NO_POINT, initialBalance: balance }, keyOf("issuer")),
  },
  {
    name: "a key with torsion",
    reason: "invalidPublicKey",
    operation: issue({ publicKey: MIXED_ORDER, initialBalance: balance }, keyOf("issuer")),
  },
  {
    name: "a key that is not canonical",
    reason: "invalidPublicKey",
    operation: issue({ publicKey: NOT_CANONICAL, initialBalance: balance }, keyOf("issuer")),
  },
  {
    name: "money from a key that is no issuer",
    reason: "authorIsNotIssuer",
    operation: issue({ initialBalance: balance }, keyOf("carol")),
  },
  {
    name: "money from an identity key",
    reason: "authorIsNotIssuer",
    operation: issue({ initialBalance: balance }, identity),
  },
  {
    name: "a creation without money by another key, the issuer's even",
    reason: "authorIsNotWalletKey",
    operation: create({
      fields: { author: keyOf("issuer").publicKey },
      signer: keyOf("issuer"),
    }),
  },
  {
    name: "a creation without money and sponsor",
    reason: "sponsorMissing",
    operation: create({ sponsor: undefined }),
  },
  {
    name: "a sponsor that is not in the genesis",
    reason: "unknownSponsor",
    operation: create({ sponsor: { index: 4, signer: custodian } }),
  },
  {
    name: "a sponsor for a creation with money",
    reason: "sponsorNotDue",
    operation: create({
      fields: { author: keyOf("issuer").publicKey, initialBalance: balance },
      signer: keyOf("issuer"),
    }),
  },
  {
    name: "a sponsor for a transfer",
    reason: "sponsorNotDue",
    operation: sign(network, pay().operation, keyOf("alice"), { index: 0, signer: custodian }),
  },
  {
    name: "a sponsor for a ceremony step",
    reason: "sponsorNotDue",
    operation: sign(network, open(identity).operation, identity, { index: 0, signer: custodian }),
  },
  {
    name: "a ceremony step by no validator",
    reason: "authorIsNotValidator",
    operation: open(keyOf("alice")),
  },
  {
    name: "a ceremony step by a custody key",
    reason: "authorIsNotValidator",
    operation: open(custodian),
  },
  {
    name: "a payer that does not exist",
    reason: "unknownPayer",
    operation: pay({ from: idOf("absent") }),
  },
  {
    name: "a payer with another key",
    reason: "authorIsNotPayer",
    operation: pay({ author: keyOf("bob").publicKey }, keyOf("bob")),
  },
  {
    name: "a transfer in another asset than the payer's",
    reason: "assetIsNotPayers",
    operation: pay({ asset: "BTC" }),
  },
  {
    name: "a transfer in the payee's asset, which is not the payer's",
    reason: "assetIsNotPayers",
    operation: pay({ asset: "BTC", to: walletIdOf(network, "satoshi") }),
  },
  { name: "another key's signature", reason: "wrongSignature", operation: pay({}, keyOf("bob")) },
  { name: "a changed signature", reason: "wrongSignature", operation: flipSignature(pay()) },
  {
    name: "a sponsor signature by another sponsor",
    reason: "wrongSignature",
    operation: create({ sponsor: { index: 0, signer: otherCustodian } }),
  },
  {
    name: "a sponsor signature by the identity key",
    reason: "wrongSignature",
    operation: create({ sponsor: { index: 0, signer: identity } }),
  },
  {
    name: "an id used in an earlier block",
    reason: "idUsed",
    operation: creation(network, { name: "bob" }),
  },
  {
    name: "a deadline before block time - grace",
    reason: "validUntilTooEarly",
    operation: pay({ validUntil: TIME - GRACE_MS - 1 }),
  },
  {
    name: "a deadline after block time + lifetime",
    reason: "validUntilTooLate",
    operation: pay({ validUntil: TIME + LIFETIME_MS + 1 }),
  },
];

const before = transfer(network, { from: "alice", to: "bob", amount: 7n });
const after = transfer(network, { from: "alice", to: "bob", amount: 8n });

describe("L9: a block with one invalid operation is refused whole", () => {
  it("the blocks around the invalid operations are valid by themselves", () => {
    expect(statuses(block(network, state, [before, after], TIME))).toEqual(["applied", "applied"]);
    expect(statuses(block(network, state, [pay(), create()], TIME))).toEqual([
      "applied",
      "applied",
    ]);
  });

  it.each(ROWS)("$name: $reason", ({ operation, reason }) => {
    const mark = fingerprint(state);
    const refused = tryBlock(network, state, [before, operation, after], TIME);
    expect(refused).toEqual({ kind: "invalid", reason, index: 1 });
    expect(fingerprint(state)).toBe(mark);
  });

  it("wherever the invalid operation stands", () => {
    const good = Array.from({ length: 6 }, (_, i) =>
      transfer(network, { from: "alice", to: "bob", amount: BigInt(i + 1) }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...ROWS), fc.nat({ max: 6 }), (row, index) => {
        const operations = good.toSpliced(index, 0, row.operation);
        const refused = tryBlock(network, state, operations, TIME);
        expect(refused).toEqual({ kind: "invalid", reason: row.reason, index });
      }),
      { numRuns: 60 },
    );
  });
});

it("L1: a signature made for one network is none in another", () => {
  const other = createNetwork(7);
  const { operation, signature } = transfer(other, { from: "alice", to: "bob", amount: 1n });
  const moved = assembleOperation(sha256, network.context.networkId, {
    operation: {
      ...operation,
      from: walletIdOf(network, "alice"),
      to: walletIdOf(network, "bob"),
    } as Operation,
    signature,
  });
  expect(CREATED_AT).toBe(network.context.genesis.createdAt);
  expect(tryBlock(network, state, [moved])).toMatchObject({ reason: "wrongSignature" });
});
