/**
 * The operations of the entries of a page, as their authors signed them. They stand in the blocks, whose bodies are read whole, so a
 * page may end early.
 */
import { assert } from "../../primitives/assert.ts";
import type { Bytes } from "../../primitives/bytes.ts";
import type { Height } from "../../primitives/numbers.ts";
import type { Store } from "../../storage/contracts.ts";
import type { Refusal } from "../../transport/refusal.ts";
import { Yielder } from "../base/yielding.ts";
import { storedHeader } from "../sync/stored-header.ts";
import type { ReadMeter } from "./list-reads.ts";
import type { Receipts } from "./receipts.ts";
import { BODY_READS_MAX, bodyReads } from "./transaction-reader.ts";

export interface EntryOperationsParts {
  readonly store: { readonly blocks: Pick<Store["blocks"], "loadHeader"> };
  readonly receipts: Pick<Receipts, "operationsOf" | "refusePruned" | "signedBytesOf">;
}

interface Placed {
  readonly height: Height;
  readonly index: number;
}

/** Operations decoded before other work gets a turn: some two milliseconds. */
const PER_TURN = 64;

/**
 * Adds the operations to the entries from the first on, until the bound of a call is reached; at least to those of one block. The
 * meter holds that bound.
 */
export async function withOperations<E extends Placed>(
  { store, receipts }: EntryOperationsParts,
  entries: readonly E[],
  meter: ReadMeter,
): Promise<readonly (E & { readonly operation: Bytes })[] | Refusal> {
  const turns = new Yielder(PER_TURN);
  const found: (E & { readonly operation: Bytes })[] = [];
  let [bodies, at, block]: [number, Height | undefined, readonly Bytes[]] = [0, undefined, []];
  for (const entry of entries) {
    if (entry.height !== at) {
      const { operationCount } = await storedHeader(store.blocks, entry.height);
      const cost = bodyReads(operationCount);
      if (bodies > 0 && bodies + cost > BODY_READS_MAX) return found;
      meter.take(cost);
      bodies += cost;
      at = entry.height;
      const read = await receipts.operationsOf(at);
      if (read === "dropped") return receipts.refusePruned(at);
      block = read;
    }
    const bytes = block[entry.index];
    assert(bytes !== undefined, "the index names operations that exist");
    await turns.count(1);
    found.push({ ...entry, operation: receipts.signedBytesOf(bytes) });
  }
  return found;
}
