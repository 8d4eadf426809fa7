/** Invariant 8: after healing, everything pending becomes final within bounds, and no notarized block stays unfinal. */
import { toHex } from "../../../src/primitives/bytes.ts";
import type { World } from "../world.ts";

/** The reason why the world has not come to rest; undefined if it has. */
export function unfinished(world: World): string | undefined {
  const tips = new Set<string>();
  for (const node of world.honest) {
    const status = node.core?.status();
    if (status === undefined) return `node ${node.index} is down`;
    if (status.hasUnfinal) return `node ${node.index} holds an unfinal notarized block`;
    if (status.knownFinalHeight > status.finalHeight) return `node ${node.index} lacks blocks`;
    if (node.disk.chain.length < status.finalHeight) return `node ${node.index} has to commit`;
    if (node.hasPending()) return `node ${node.index} has a pending operation`;
    tips.add(toHex(status.finalHash));
  }
  return tips.size === 1 ? undefined : "honest nodes are at different heights";
}

/** Ids of all operations ordered in the chain of the first honest node. */
export function orderedIds(world: World): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const { block } of world.honest[0]?.disk.chain ?? []) {
    for (const operation of block.operations) ids.add(world.ledger.idOf(operation));
  }
  return ids;
}
