import { describe, expect, it } from "vitest";
import { verifyReceipt } from "../../src/client/receipt-verifier.ts";
import { sha256 } from "../../src/node/base/crypto.ts";
import { amount } from "../../src/primitives/amount.ts";
import { encodeHeader } from "../../src/primitives/block.ts";
import { encodeKeyCertificateBody } from "../../src/primitives/key-certificate.ts";
import { epoch, height, validatorIndex, view } from "../../src/primitives/numbers.ts";
import type { Receipt } from "../../src/primitives/receipt.ts";
import { namedSigningKey } from "../support/operations.ts";
import {
  certify,
  chainOf,
  childOf,
  finalize,
  finalized,
  groupKey,
  leafOf,
  leaves,
  ownHeader,
  payment,
  sealed,
  signatureOf,
  trust,
} from "./workshop.ts";

const others = sha256(new Uint8Array());
const zeroSignature = new Uint8Array(64);

function fieldOf(receipt: Receipt, of = trust): string {
  const verdict = verifyReceipt(of, receipt);
  return verdict.valid ? "valid" : verdict.field;
}

function withProof<R extends Receipt>(receipt: R, changes: Partial<R["proof"]>): Receipt {
  return { ...receipt, proof: { ...receipt.proof, ...changes } };
}

describe("S10: a receipt proves its result", () => {
  it.each([1, 2, 3, 64, 65])("under the seal at the end of %i headers", (count) => {
    const verdict = verifyReceipt(trust, sealed(chainOf(count)));
    expect(verdict).toMatchObject({
      valid: true,
      operation: payment,
      result: { status: "applied" },
      header: ownHeader,
      certifiedHeader: { height: ownHeader.height + count - 1 },
    });
  });

  it.each([1, 2, 257])("under the finalization at the end of %i headers", (count) => {
    const verdict = verifyReceipt(trust, finalized(chainOf(count)));
    expect(verdict).toMatchObject({ valid: true, operation: payment, header: ownHeader });
  });

  it("when it is declined, too", () => {
    const declined = { status: "declined", reason: "insufficientFunds" } as const;
    const leaf = leafOf(payment, declined);
    const header = {
      ...ownHeader,
      operationCount: 1,
      resultsRoot: sha256(Uint8Array.of(0, ...leaf)),
    };
    const receipt = { ...sealed([header]), leaf, index: 0, path: [] };
    expect(verifyReceipt(trust, receipt)).toMatchObject({ valid: true, result: declined });
  });

  it("whichever quorum signed, and with all members' signatures", () => {
    const all = [0, 1, 2, 3].map(validatorIndex);
    for (const signers of [all, ...all.map((out) => all.filter((one) => one !== out))]) {
      expect(fieldOf(sealed(chainOf(2), certify({}, signers)))).toBe("valid");
      expect(fieldOf(finalized([ownHeader], finalize(ownHeader, {}, signers)))).toBe("valid");
    }
  });

  it("when the key is younger than the header it sealed", () => {
    const members = { ...trust, epoch: epoch(2) };
    expect(fieldOf(sealed(chainOf(2), certify({ epoch: epoch(2) })), members)).toBe("valid");
  });
});

describe("a receipt is refused for its place in the block", () => {
  const receipt = sealed();

  it("with another leaf, of this block or of none", () => {
    for (const leaf of leaves.filter((one) => one !== receipt.leaf)) {
      expect(fieldOf({ ...receipt, leaf })).toBe("path");
    }
    expect(fieldOf({ ...receipt, leaf: leafOf({ ...payment, amount: amount(26n) }) })).toBe("path");
    const declined = leafOf(payment, { status: "declined", reason: "expired" });
    expect(fieldOf({ ...receipt, leaf: declined })).toBe("path");
  });

  it("with a leaf that is none", () => {
    expect(fieldOf({ ...receipt, leaf: receipt.leaf.slice(1) })).toBe("leaf");
    expect(fieldOf({ ...receipt, leaf: Uint8Array.of(...receipt.leaf, 0) })).toBe("leaf");
    expect(fieldOf({ ...receipt, leaf: new Uint8Array() })).toBe("leaf");
  });

  it.each([0, 1, 3, 4, 5, 6, 2 ** 31, 2 ** 32 - 1])("at index %i", (index) => {
    expect(fieldOf({ ...receipt, index })).toBe("path");
  });

  it("with another, a longer or a shorter path", () => {
    const { path } = receipt;
    expect(path).toHaveLength(3);
    for (const i of path.keys()) {
      expect(fieldOf({ ...receipt, path: path.with(i, others) })).toBe("path");
      expect(fieldOf({ ...receipt, path: path.toSpliced(i, 1) })).toBe("path");
      expect(fieldOf({ ...receipt, path: path.toSpliced(i, 0, others) })).toBe("path");
    }
    expect(fieldOf({ ...receipt, path: path.toReversed() })).toBe("path");
    expect(fieldOf({ ...receipt, path: [...path, others] })).toBe("path");
    expect(fieldOf({ ...receipt, path: [] })).toBe("path");
  });
});

describe("a receipt is refused for its headers", () => {
  const receipt = sealed(chainOf(4));
  const { headers } = receipt.proof;

  it("with a gap, another order or a repetition", () => {
    const expectField = (changed: Uint8Array[], field: string) =>
      expect(fieldOf(withProof(receipt, { headers: changed }))).toBe(field);
    expectField(headers.toSpliced(0, 1), "path");
    expectField(headers.toSpliced(1, 1), "headers[1]");
    expectField(headers.toSpliced(2, 1), "sealedHeader.bytes");
    expectField(headers.toReversed(), "headers[1]");
    expectField([...headers, ...headers.slice(-1)], "headers[3]");
    expectField([], "path");
  });

  it("when a height is skipped or a parent is another block", () => {
    const skipping = chainOf(2, { height: height(ownHeader.height + 2) });
    expect(fieldOf(sealed(skipping))).toBe("sealedHeader.bytes");
    expect(fieldOf(sealed(chainOf(2, { parentHash: others })))).toBe("sealedHeader.bytes");
    const [own, second, third] = chainOf(3, { parentHash: others });
    if (!own || !second || !third) throw new Error("three headers");
    expect(fieldOf(sealed([own, second, third, childOf(third)]))).toBe("headers[2]");
  });

  it("when one is of another network or no header", () => {
    expect(fieldOf(sealed(chainOf(3, { networkId: others })))).toBe("sealedHeader.bytes");
    const foreign = { ...ownHeader, networkId: others };
    expect(fieldOf(sealed([foreign, childOf(foreign)]))).toBe("headers[0]");
    const broken = headers.with(1, new Uint8Array(8));
    expect(fieldOf(withProof(receipt, { headers: broken }))).toBe("headers[1]");
  });

  it("when they are more than ever lie below a certified one, or none", () => {
    expect(fieldOf(sealed(chainOf(66)))).toBe("headers");
    expect(fieldOf(finalized(chainOf(258)))).toBe("headers");
    expect(fieldOf(finalized([], finalize(ownHeader)))).toBe("headers");
  });
});

describe("a receipt is refused for its seal", () => {
  const receipt = sealed();
  const { sealedHeader } = receipt.proof;

  it("unless it is the group key's over exactly these bytes", () => {
    const sealOver = (seal: Uint8Array) =>
      withProof(receipt, { sealedHeader: { ...sealedHeader, seal } });
    for (const seal of [
      zeroSignature,
      groupKey.sign(encodeHeader(ownHeader)),
      groupKey.sign(sha256(sealedHeader.bytes)),
      namedSigningKey("another key").sign(sealedHeader.bytes),
      sealedHeader.seal.with(0, (sealedHeader.seal[0] ?? 0) ^ 1),
      sealedHeader.seal.slice(1),
    ]) {
      expect(fieldOf(sealOver(seal))).toBe("sealedHeader.seal");
    }
  });

  it("when its header is of a later epoch than the key", () => {
    expect(fieldOf(sealed(chainOf(2, { epoch: epoch(2) })))).toBe("sealedHeader.header.epoch");
  });
});

describe("a receipt is refused for its key certificate", () => {
  const withKey = (certificate: ReturnType<typeof certify>) =>
    fieldOf(sealed(chainOf(2), certificate));
  const signatures = "keyCertificate.signatures";

  it("when one signature among enough good ones is bad", () => {
    const good = certify({}, [0, 1, 2, 3].map(validatorIndex));
    for (const i of good.signatures.keys()) {
      const signer = validatorIndex(i);
      const bad = { signer, signature: zeroSignature };
      expect(withKey({ ...good, signatures: good.signatures.with(i, bad) })).toBe(signatures);
    }
  });

  it("below a quorum, with repeated, unknown or unsorted signers", () => {
    const good = certify();
    const stranger = signatureOf(validatorIndex(4), encodeKeyCertificateBody(good));
    const [first, second, third] = good.signatures;
    if (!first || !second || !third) throw new Error("three signatures");
    for (const list of [
      [],
      [first, second],
      [first, second, second],
      [first, second, stranger],
      [first, second, third, stranger],
      [third, second, first],
    ]) {
      expect(withKey({ ...good, signatures: list })).toBe(signatures);
    }
  });

  it("of another network, epoch, threshold or with a key that is no point", () => {
    expect(withKey(certify({ networkId: others }))).toBe("keyCertificate.networkId");
    expect(withKey(certify({ epoch: epoch(2) }))).toBe("keyCertificate.epoch");
    expect(withKey(certify({ epoch: epoch(0) }))).toBe("keyCertificate.epoch");
    expect(withKey(certify({ threshold: 2 }))).toBe("keyCertificate.threshold");
    expect(withKey(certify({ threshold: 4 }))).toBe("keyCertificate.threshold");
    const identityPoint = Uint8Array.of(1, ...new Uint8Array(31));
    expect(withKey(certify({ groupKey: identityPoint }))).toBe("keyCertificate.groupPublicKey");
  });

  it("that was signed for another key or transcript", () => {
    const good = certify();
    const thief = namedSigningKey("thief");
    const stolen = { ...good, groupKey: thief.publicKey };
    const receipt = sealed(chainOf(2), stolen);
    const { bytes } = receipt.proof.sealedHeader;
    const sealedHeader = { bytes, seal: thief.sign(bytes) };
    expect(fieldOf(withProof(receipt, { sealedHeader }))).toBe(signatures);
    expect(withKey({ ...good, transcriptHash: others })).toBe(signatures);
  });
});

describe("a receipt is refused for its finalization", () => {
  const withVotes = (finalization: ReturnType<typeof finalize>) =>
    fieldOf(finalized([ownHeader], finalization));

  it("when it is about another block, view, height or epoch, or no finalization", () => {
    for (const changes of [
      { blockHash: others },
      { view: view(13) },
      { height: height(11) },
      { epoch: epoch(2) },
      { kind: "notarize" as const },
    ]) {
      expect(withVotes(finalize(ownHeader, changes))).toBe("finalization");
    }
    const { signatures } = finalize(ownHeader);
    const subject = { kind: "nullify", epoch: ownHeader.epoch, view: ownHeader.view } as const;
    expect(withVotes({ subject, signatures })).toBe("finalization");
  });

  it("when its header is of an epoch whose members are not known", () => {
    const header = { ...ownHeader, epoch: epoch(2) };
    expect(fieldOf(finalized([header]))).toBe("finalization");
  });

  it("when one signature among enough good ones is bad, below a quorum, with repeated or unknown signers", () => {
    const good = finalize(ownHeader, {}, [0, 1, 2, 3].map(validatorIndex));
    for (const i of good.signatures.keys()) {
      const bad = { signer: validatorIndex(i), signature: zeroSignature };
      expect(withVotes({ ...good, signatures: good.signatures.with(i, bad) })).toBe("finalization");
    }
    const [first, second] = good.signatures;
    if (!first || !second) throw new Error("two signatures");
    for (const list of [
      [],
      [first, second],
      [first, second, second],
      [first, second, { ...second, signer: validatorIndex(4) }],
    ]) {
      expect(withVotes({ ...good, signatures: list })).toBe("finalization");
    }
  });
});

describe("a receipt is refused by who trusts", () => {
  it("another network", () => {
    expect(fieldOf(sealed(), { ...trust, networkId: others })).toBe("leaf");
    expect(fieldOf(finalized(), { ...trust, networkId: others })).toBe("leaf");
  });

  it("other members", () => {
    const [first, ...rest] = trust.validators;
    if (first === undefined) throw new Error("a network has members");
    const stranger = { ...first, identityKey: namedSigningKey("stranger").publicKey };
    const changed = { ...trust, validators: [stranger, ...rest] };
    expect(fieldOf(sealed(), changed)).toBe("keyCertificate.signatures");
    expect(fieldOf(finalized(), changed)).toBe("finalization");
    const seven = [...trust.validators, ...trust.validators.slice(1)];
    expect(fieldOf(sealed(), { ...trust, validators: seven })).toBe("keyCertificate.threshold");
    expect(fieldOf(finalized(), { ...trust, validators: seven })).toBe("finalization");
  });

  it("the members of another epoch", () => {
    expect(fieldOf(sealed(), { ...trust, epoch: epoch(2) })).toBe("keyCertificate.epoch");
    expect(fieldOf(finalized(), { ...trust, epoch: epoch(2) })).toBe("finalization");
  });
});
