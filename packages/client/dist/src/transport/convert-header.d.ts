import { type Header as HeaderMessage } from "../../gen/countersign/v1/types_pb.ts";
import type { Header } from "../primitives/block.ts";
/** A view of a header, for people and programs that do not decode canonical bytes. */
export declare function headerToMessage(header: Header): HeaderMessage;
