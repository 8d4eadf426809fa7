/**
 * Goal: an author of a verifier in another language has proofs to accept, with what they prove, and proofs that fail each check of
 * docs/proofs.md. Method: this code judges the cases, which are compared with test/vectors/proofs.json. To change that file on purpose,
 * run with UPDATE_VECTORS=1.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { proofToJson } from "../../src/client/proof-file.ts";
import { PROOF_REASONS } from "../../src/client/proof-problem.ts";
import { formatGenesis } from "../../src/ledger/genesis-json.ts";
import { type Bytes, toHex, utf8 } from "../../src/primitives/bytes.ts";
import { ACCEPTED_PROOFS, accepted, type ProofCase } from "./proof-cases.ts";
import { BLOCK_CASES, FORM_CASES } from "./proof-cases-block.ts";
import { STATEMENT_CASES } from "./proof-cases-statement.ts";
import { STRICT_CASES } from "./proof-cases-strict.ts";
import { WALLET_CASES } from "./proof-cases-wallet.ts";
import { judgeFile, judgeProof } from "./proof-judge.ts";
import { genesis, networkId } from "./workshop.ts";

const FILE = new URL("../vectors/proofs.json", import.meta.url);
const PAGE = new URL("../../docs/proofs.md", import.meta.url);
const REFUSED_PROOFS = [
  ...FORM_CASES,
  ...BLOCK_CASES,
  ...WALLET_CASES,
  ...STATEMENT_CASES,
  ...STRICT_CASES,
];
const FILE_BYTES_MAX = 500_000;

/** A proof whose base64 ends with a character that carries spare bits. */
function endingWith(padding: string): string {
  const found = ACCEPTED_PROOFS.map(({ bytes }) => proofToJson(bytes)).find((text) => {
    return text.includes(`${padding}"`);
  });
  if (found === undefined) throw new Error(`no proof ends with ${padding}`);
  return found;
}

const line = proofToJson(accepted("a wallet").bytes);
const ofSupply = proofToJson(accepted("the supply").bytes);

/** Files in JSON, by name. */
const TEXTS: readonly { readonly name: string; readonly text: string; readonly isGood?: true }[] = [
  ...ACCEPTED_PROOFS.filter(({ kind }) => kind !== "statement").map(({ name, bytes }) => {
    return { name, text: proofToJson(bytes), isGood: true as const };
  }),
  { name: "without a line feed at its end", text: line.trimEnd(), isGood: true },
  { name: "with two line feeds at its end", text: `${line}\n` },
  { name: "with a space behind a comma", text: line.replace(",", ", ") },
  { name: "with the members in the other order", text: swapped(line) },
  { name: "with a member more", text: line.replace("}", ',"wallet":""}') },
  { name: "with a byte order mark", text: `\u{feff}${line}` },
  { name: "with the format of another proof", text: line.replace("wallet-", "supply-") },
  { name: "with an unknown format", text: line.replace("wallet-proof", "wallet") },
  { name: "with the proof of another format", text: ofSupply.replace("supply-", "wallet-") },
  { name: "without padding", text: endingWith("A=").replace('="', '"') },
  { name: "in base64 with spare bits", text: endingWith("A=").replace('A="', 'B="') },
  { name: "in the other base64", text: line.replaceAll("+", "-") },
  { name: "without a proof", text: '{"format":"countersign/v1/wallet-proof","proof":""}' },
  { name: "that is empty", text: "{}" },
];

function swapped(text: string): string {
  const { format, proof } = JSON.parse(text) as Record<string, string>;
  return JSON.stringify({ proof, format });
}

const written = ({ name, kind, wallet, bytes }: ProofCase) => {
  const judgement = judgeProof({ name, kind, bytes, ...(wallet !== undefined && { wallet }) });
  return { name, kind, wallet, ...judgement, hex: toHex(bytes) };
};

const found = {
  genesis: JSON.parse(formatGenesis(genesis)),
  networkId: toHex(networkId),
  proofs: [...ACCEPTED_PROOFS, ...REFUSED_PROOFS].map(written),
  files: TEXTS.map(({ name, text }) => {
    const { verdict, ...rest } = judgeFile(utf8(text));
    return { name, verdict, ...("reason" in rest && rest), text };
  }),
};

if (process.env["UPDATE_VECTORS"] === "1") {
  writeFileSync(FILE, `${JSON.stringify(found, undefined, 2)}\n`);
}

it("the vectors are what this code writes, and judges", () => {
  const text = readFileSync(FILE, "utf8");
  expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(found)));
  expect(text.length).toBeLessThan(FILE_BYTES_MAX);
});

it("no two vectors have one name", () => {
  for (const list of [found.proofs, found.files]) {
    expect(new Set(list.map(({ name }) => name)).size).toBe(list.length);
  }
});

it("every reason that docs/proofs.md lists has a proof that fails by it", () => {
  const page = readFileSync(PAGE, "utf8");
  const listed = [...page.matchAll(/^\| `([a-zA-Z]+)` \|/gm)].map(([, reason]) => reason);
  expect(listed).toEqual([...PROOF_REASONS]);
  const shown = new Set(REFUSED_PROOFS.map(({ reason }) => reason));
  expect([...shown].sort()).toEqual([...PROOF_REASONS].sort());
});

describe("L16, L17: a proof", () => {
  it.each(ACCEPTED_PROOFS)("of $name is accepted", (one) => {
    expect(judgeProof(one)).toMatchObject({ verdict: "valid" });
    expect(judgeFile(one.bytes)).toEqual(judgeProof(one));
    expect(judgeFile(utf8(proofToJson(one.bytes)))).toEqual(judgeProof(one));
  });

  it.each(REFUSED_PROOFS)("of $name is refused ($reason)", ({ reason, ...one }) => {
    expect(judgeProof(one)).toEqual({ verdict: "invalid", reason });
  });

  it.each(TEXTS.filter(({ isGood }) => isGood !== true))("$name is refused", ({ text }) => {
    expect(judgeFile(utf8(text))).toEqual({ verdict: "invalid", reason: "form" });
  });

  it.each(TEXTS.filter(({ isGood }) => isGood === true))(
    "in JSON $name is accepted",
    ({ text }) => {
      expect(judgeFile(utf8(text))).toMatchObject({ verdict: "valid" });
    },
  );
});

it("proofs are of the whole chain: the words of the cases are what they prove", () => {
  const proves = (name: string): Bytes | unknown => {
    const judgement = judgeProof(accepted(name));
    return judgement.verdict === "valid" ? judgement.proves : judgement;
  };
  expect(proves("a wallet")).toMatchObject({ balance: "874", entries: "6", asset: "EUR" });
  expect(proves("the supply")).toMatchObject({ supply: [{ amount: "1160" }, { amount: "7" }] });
  expect(proves("a whole statement")).toMatchObject({
    opening: { entries: "0", balance: "0" },
    closing: { entries: "6", balance: "874" },
    entries: [
      { number: "1", delta: "1000", balance: "1000", height: "2" },
      { number: "2", delta: "-25", balance: "975", height: "3" },
      { number: "3", delta: "5", balance: "980" },
      { number: "4", delta: "-100", balance: "880", height: "5" },
      { number: "5", delta: "-7", balance: "873" },
      { number: "6", delta: "1", balance: "874", height: "6" },
    ],
  });
  expect(proves("a statement behind three entries")).toMatchObject({
    opening: { entries: "3", balance: "980" },
    entries: [{ number: "4" }, { number: "5" }, { number: "6" }],
  });
});
