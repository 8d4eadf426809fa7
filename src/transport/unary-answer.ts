/** The answer of a single call in the form of its protocol, packed if it is large and the caller takes that. */
import {
  create,
  type DescMessage,
  type Message,
  type MessageInitShape,
  toBinary,
  toJsonString,
} from "@bufbuild/protobuf";
import type { Compression } from "@connectrpc/connect/protocol";
import { type Bytes, concatBytes, utf8 } from "../primitives/bytes.ts";
import type { Dialect } from "./dialect.ts";
import type { HttpResponse } from "./http-adapter.ts";
import { enveloped } from "./refusal-answer.ts";
import type { Question } from "./unary-question.ts";

export interface Packing {
  readonly acceptCompression: readonly Compression[];
  /** Smaller answers are not packed. */
  readonly compressMinBytes: number;
}

/** Flags of envelopes. */
const PLAIN = 0;
const PACKED = 1;
const TRAILER = 0x80;

/** The trailer of gRPC for an answer that is no error; in gRPC-Web it is a part of the body. */
const OK_TRAILER = { "grpc-status": "0" };
const OK_FRAME = utf8("grpc-status: 0\r\n");

/** The bytes of a message; throws if it is none of the contract. */
export function encodeAnswer(output: DescMessage, answer: object, dialect: Dialect): Bytes {
  const message: Message = create(output, answer as MessageInitShape<DescMessage>);
  return dialect === "json"
    ? utf8(toJsonString(output, message, { alwaysEmitImplicit: true }))
    : toBinary(output, message);
}

export async function writeAnswer(
  response: HttpResponse,
  { dialect, answerCoding }: Question,
  sent: { readonly bytes: Bytes; readonly packing: Packing },
): Promise<void> {
  const { bytes: whole, packing } = sent;
  const compression = packing.acceptCompression.find(({ name }) => name === answerCoding);
  const isPacked = compression !== undefined && whole.length >= packing.compressMinBytes;
  const bytes = isPacked ? await compression.compress(whole) : whole;
  const coding = isPacked ? compression.name : undefined;
  switch (dialect) {
    case "json":
    case "proto": {
      const packed = coding === undefined ? {} : { "content-encoding": coding };
      const length = String(bytes.length);
      response.writeHead(200, {
        "content-type": `application/${dialect}`,
        "content-length": length,
        ...packed,
      });
      response.end(bytes);
      return;
    }
    case "grpc":
    case "grpc-web":
    case "connect": {
      const packed = coding === undefined ? {} : { "grpc-encoding": coding };
      response.writeHead(200, { "content-type": `application/${dialect}+proto`, ...packed });
      const envelope = enveloped(isPacked ? PACKED : PLAIN, bytes);
      const isWeb = dialect === "grpc-web";
      response.write(isWeb ? concatBytes(envelope, enveloped(TRAILER, OK_FRAME)) : envelope);
      if (!isWeb) response.addTrailers(OK_TRAILER);
      response.end();
    }
  }
}
