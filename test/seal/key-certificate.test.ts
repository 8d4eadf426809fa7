import { describe, expect, it } from "vitest";
import { signingKeyOf } from "../../src/node/base/crypto.ts";
import { epoch } from "../../src/primitives/numbers.ts";
import { verifyKeyCertificate } from "../../src/seal/key-certificate-verdict.ts";
import { certificateBytes } from "../../src/seal/seal-key.ts";
import { validatorOf } from "../support/validator.ts";
import { index, suite, verify } from "./fixture.ts";
import { sharesOf } from "./seal-world.ts";

const identities = [0, 1, 2, 3].map((i) => signingKeyOf(new Uint8Array(32).fill(i + 1)));
const validators = identities.map(({ publicKey }, i) =>
  validatorOf(i, { identityKey: publicKey, custodyKey: publicKey }),
);
const check = { verify, isValidPoint: suite.isValidPoint };

function certify(of: readonly number[]) {
  const key = sharesOf(4, of)[0]?.key;
  if (key === undefined) throw new Error("a ceremony gives shares");
  const signatures = of.map((i) => ({
    signer: index(i),
    signature: identities[i]?.sign(certificateBytes(key)) ?? new Uint8Array(64),
  }));
  const { networkId, epoch, threshold } = key.context;
  return { ...key, networkId, epoch, threshold, signatures };
}

describe.each([[[0, 1, 2, 3]], [[0, 1, 3]]])("K9: the key certificate of members %j", (of) => {
  const { context, verifyingShares: _shares, ...certificate } = certify(of);
  const genesis = { networkId: context.networkId, validators };
  const verdict = (changed: Partial<typeof certificate>) =>
    verifyKeyCertificate(genesis, { ...certificate, ...changed }, check);

  it("is valid", () => {
    expect(verdict({})).toBe("valid");
  });

  it("is refused with another network, key, epoch, threshold or transcript", () => {
    expect(verdict({ networkId: new Uint8Array(32) })).toBe("wrongNetwork");
    expect(verdict({ groupKey: Uint8Array.from([1, ...new Uint8Array(31)]) })).toBe(
      "invalidGroupKey",
    );
    expect(verdict({ groupKey: suite.Point.BASE.toBytes() })).toBe("wrongSignature");
    expect(verdict({ epoch: epoch(2) })).toBe("wrongSignature");
    expect(verdict({ threshold: 2 })).toBe("wrongThreshold");
    expect(verdict({ transcriptHash: new Uint8Array(32) })).toBe("wrongSignature");
  });

  it("needs every signature to hold, and a quorum of distinct members", () => {
    const { signatures: good } = certificate;
    const broken = good.map((item, i) =>
      i === 1 ? { ...item, signature: new Uint8Array(64) } : item,
    );
    expect(verdict({ signatures: broken })).toBe("wrongSignature");
    expect(verdict({ signatures: good.slice(0, 2) })).toBe("noQuorum");
    expect(verdict({ signatures: good.map((item) => ({ ...item, signer: index(0) })) })).toBe(
      "noQuorum",
    );
    const stranger = good.map((item, i) =>
      i === good.length - 1 ? { ...item, signer: index(9) } : item,
    );
    expect(verdict({ signatures: stranger })).toBe("noQuorum");
  });
});
