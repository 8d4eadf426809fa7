/** This project's verdict on a proof, as the vectors write it. */
import type { Trust } from "../../src/client/receipt-verifier.ts";
import type { Bytes } from "../../src/primitives/bytes.ts";
import type { ProofCase } from "./proof-cases.ts";
import { type Judged, judgedFile, judgedProof } from "./proof-facts.ts";
import { trust } from "./workshop.ts";

export type { Judged };

export function judgeProof(one: ProofCase, by: Trust = trust): Judged {
  return judgedProof(by, one);
}

/** A file, in either form, of any kind. */
export function judgeFile(file: Bytes, by: Trust = trust): Judged {
  return judgedFile(by, file);
}
