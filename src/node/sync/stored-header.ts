/** Headers that the store must have, as values. */
import { decodeHeader, type Header } from "../../primitives/block.ts";
import { EncodingError } from "../../primitives/encoding.ts";
import type { Height } from "../../primitives/numbers.ts";
import type { Blocks } from "../../storage/contracts.ts";
import { StorageCorruption } from "../../storage/storage-errors.ts";

/** Throws StorageCorruption if the header is missing or cannot be decoded. */
export async function storedHeader(
  blocks: Pick<Blocks, "loadHeader">,
  at: Height,
): Promise<Header> {
  const bytes = await blocks.loadHeader(at);
  const header = bytes === undefined ? undefined : decodeHeader(bytes);
  if (header === undefined || header instanceof EncodingError) {
    throw new StorageCorruption(`the header of block ${at}`, "it cannot be decoded");
  }
  return header;
}
