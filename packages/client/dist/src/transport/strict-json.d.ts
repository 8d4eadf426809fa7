/**
 * Reads Protobuf JSON strictly, by the rules of strict-values.ts. Protobuf's own reader is more lenient in each of these, and Connect
 * does not accept another one. So a JSON body is first read here, the result is dropped, and Connect reads the same bytes
 * again.
 */
import { type DescMessage, type MessageShape } from "@bufbuild/protobuf";
import type { Bytes } from "../primitives/bytes.ts";
import { Refusal } from "./refusal.ts";
/** The message in the JSON `bytes`; a refusal names the first wrong field. */
export declare function readStrictJson<Desc extends DescMessage>(schema: Desc, bytes: Bytes): MessageShape<Desc> | Refusal;
