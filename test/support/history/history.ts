// The history of the clients of a chaos run: every call with its answer, one JSON line each, written when the call
// ends.

/** The request. Amounts are decimal texts of minor units. */
export type Question =
  | {
      readonly kind: "transfer";
      /** Names the operation: "payer's wallet/id". */
      readonly key: string;
      readonly from: string;
      readonly to: string;
      readonly amount: string;
      readonly wait: "final" | "sealed";
    }
  | {
      readonly kind: "creation";
      /** Names the operation: "wallet/id of the wallet". Unknown until the first answer if the gateway keeps the key. */
      readonly key: string;
      readonly amount: string;
    }
  | { readonly kind: "receipt"; readonly key: string }
  | { readonly kind: "wallet"; readonly wallet: string; readonly minHeight?: number | undefined };

export type Reply =
  /** A certified result. */
  | {
      readonly kind: "result";
      /** "applied" or the reason of the decline. */
      readonly status: string;
      /** Of the block that the receipt places the operation in. */
      readonly height: number;
      /** The answer's protobuf bytes, base64, for the offline check of its receipt. */
      readonly answer: string;
    }
  | {
      readonly kind: "wallet";
      readonly balance: string;
      readonly entries: number;
      readonly height: number;
    }
  /** The gateway's word that it ordered nothing (or, for a read, that it has no answer). */
  | { readonly kind: "refused"; readonly reason: string }
  /** No answer: the operation may or may not have been ordered. */
  | { readonly kind: "unknown"; readonly why: string };

export interface Call {
  readonly client: number;
  /** Index of the node that was asked. */
  readonly gateway: number;
  /** Milliseconds of one clock, that of the process that ran all clients. */
  readonly start: number;
  readonly end: number;
  readonly question: Question;
  readonly reply: Reply;
}

export function encodeCall(call: Call): string {
  return `${JSON.stringify(call)}\n`;
}

export function decodeCalls(text: string): Call[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line): Call => JSON.parse(line));
}

/** Calls that may have ordered the operation that they name. */
export function isOrder({ question }: Call): boolean {
  return question.kind === "transfer" || question.kind === "creation";
}
