/** Gathers the objects of a node whose numbers metrics show. */
import type { LoadedNode } from "./load-node.ts";
import type { ObservedNode } from "./metrics/observed.ts";
import type { Sides } from "./node.ts";
import type { NodeParts } from "./node-parts.ts";

export function observedNode(
  { version, store, system, certificate }: NodeParts,
  { context, self }: LoadedNode,
  { contacts, voting, sealing, peers, clients, waiters, commits }: Sides,
): ObservedNode {
  return {
    context,
    self,
    version,
    startedAt: system.wall(),
    certificate,
    consensus: voting.driver,
    finalizer: voting.finalizer,
    commits,
    catchUp: voting.catchUp,
    pool: voting.pool,
    waitingRoom: voting.waitingRoom,
    intake: voting.intake,
    inbox: voting.inbox,
    sealing,
    waiters,
    followers: clients.followers,
    contacts,
    receiver: peers.links,
    clock: peers.clock,
    memory: voting.memory,
    view: clients.view,
    store,
  };
}
