/** Reads the views of headers in messages. Needs no code of Protobuf, so that a verifier is small. */
import type { Header as HeaderMessage } from "../../gen/countersign/v1/types_pb.ts";
import { type Header } from "../primitives/block.ts";
import type { Refusal } from "./refusal.ts";
/** The fields of a header, in a generated message or beside one. */
export type HeaderFields = Omit<HeaderMessage, "$typeName" | "$unknown">;
/** The header that a message shows. Nothing is proven by it: the caller hashes its canonical bytes. */
export declare function headerFromMessage(message: HeaderFields, field: string): Header | Refusal;
