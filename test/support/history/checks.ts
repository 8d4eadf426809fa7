// The checker of a chaos run: compares the history of all clients with the chains of all nodes. Pure. It expects only
// what the contract promises; docs/chaos.md lists the checks and why they are sound.
import { type ChainBlock, type NodeChain, type Place, placesOf } from "./chain.ts";
import { type Call, isOrder } from "./history.ts";
import { Money } from "./money.ts";

/** Failed checks, each in one line; empty if all hold. */
export function check(history: readonly Call[], chains: readonly NodeChain[]): string[] {
  const [reference] = chains;
  if (reference === undefined) return ["there is no chain to check"];
  const money = new Money(reference);
  money.checkConservation();
  const places = placesOf(reference);
  return [
    ...checkAgreement(chains),
    ...money.problems,
    ...checkAcknowledged(history, chains),
    ...checkRefused(history, places),
    ...checkOrder(history, places),
    ...checkWallets(history, money),
    ...checkGateways(history),
  ];
}

/** All nodes have one chain: each block names its parent, every height has the same block, and the tips are equal. */
export function checkAgreement(chains: readonly NodeChain[]): string[] {
  const problems: string[] = [];
  const first = new Map<number, { node: string; block: ChainBlock }>();
  const tips = new Set<string>();
  for (const { node, blocks } of chains) {
    for (const [place, block] of blocks.entries()) {
      const parent = blocks[place - 1];
      if (parent && (block.height !== parent.height + 1 || block.parentHash !== parent.hash)) {
        problems.push(`${node}: block ${block.height} is no child of the one before it`);
      }
      const other = first.get(block.height);
      if (other === undefined) first.set(block.height, { node, block });
      else if (other.block.hash !== block.hash || outcomes(other.block) !== outcomes(block)) {
        problems.push(`fork: ${node} and ${other.node} differ at height ${block.height}`);
      }
    }
    tips.add(`${blocks.at(-1)?.height ?? 0}`);
  }
  if (tips.size > 1) problems.push(`the nodes end at heights ${[...tips].join(", ")}`);
  return problems;
}

function outcomes({ operations }: ChainBlock): string {
  return operations.map(({ key, status }) => `${key} ${status}`).join();
}

/** No acknowledged result is lost or changed on any node. */
export function checkAcknowledged(
  history: readonly Call[],
  chains: readonly NodeChain[],
): string[] {
  const problems: string[] = [];
  for (const chain of chains) {
    const places = placesOf(chain);
    const from = chain.blocks[0]?.height ?? 1;
    for (const { question, reply, gateway } of history) {
      if (reply.kind !== "result" || question.kind === "wallet" || reply.height < from) continue;
      const { key } = question;
      const place = places.get(key);
      if (place === undefined) {
        problems.push(`lost: ${key}, acknowledged by node ${gateway}, is not on ${chain.node}`);
      } else if (place.height !== reply.height || place.status !== reply.status) {
        problems.push(
          `changed: ${key} was acknowledged as ${reply.status} at height ${reply.height}, ` +
            `but is ${place.status} at height ${place.height} on ${chain.node}`,
        );
      }
    }
  }
  return problems;
}

/** If every gateway that was asked refused an operation, it was never ordered. */
export function checkRefused(
  history: readonly Call[],
  places: ReadonlyMap<string, Place>,
): string[] {
  const refused = new Map<string, boolean>();
  for (const call of history.filter(isOrder)) {
    const { question, reply } = call;
    if (question.kind === "wallet") continue;
    refused.set(question.key, (refused.get(question.key) ?? true) && reply.kind === "refused");
  }
  return [...refused]
    .filter(([key, always]) => always && places.has(key))
    .map(([key]) => `ordered though refused: ${key}`);
}

/**
 * Real time: the block of an operation is fixed when the operation is acknowledged, so an operation first sent after
 * that lies in a higher block. Linear: only the highest acknowledged height so far matters.
 */
export function checkOrder(history: readonly Call[], places: ReadonlyMap<string, Place>): string[] {
  const sent = new Map<string, number>();
  const told: { at: number; key: string; height: number }[] = [];
  for (const call of history) {
    const { question, reply, start, end } = call;
    if (question.kind === "wallet") {
      // A state that was read is a final one, too.
      if (reply.kind === "wallet") told.push({ at: end, key: "a read", height: reply.height });
      continue;
    }
    if (isOrder(call)) sent.set(question.key, Math.min(sent.get(question.key) ?? start, start));
    if (reply.kind === "result") told.push({ at: end, key: question.key, height: reply.height });
  }
  told.sort((left, right) => left.at - right.at);
  const begun = [...sent].sort(([, left], [, right]) => left - right);
  const problems: string[] = [];
  let highest = { at: 0, key: "", height: 0 };
  let next = 0;
  for (const [key, start] of begun) {
    for (let one = told[next]; one !== undefined && one.at < start; one = told[++next]) {
      if (one.height > highest.height) highest = one;
    }
    const height = places.get(key)?.height;
    if (height === undefined || height > highest.height) continue;
    problems.push(
      `out of order: ${key}, sent after ${highest.key} was final at height ${highest.height}, ` +
        `lies at height ${height}`,
    );
  }
  return problems;
}

/** A read shows the final state at the height that it names, which is never below the height that was asked for. */
export function checkWallets(history: readonly Call[], money: Money): string[] {
  const problems: string[] = [];
  for (const { question, reply, gateway } of history) {
    if (question.kind !== "wallet" || reply.kind !== "wallet") continue;
    const { wallet, minHeight = 0 } = question;
    if (reply.height < minHeight) {
      problems.push(
        `stale read: node ${gateway} answered for ${wallet} at height ${reply.height}, ` +
          `though ${minHeight} was asked for`,
      );
    }
    const known = money.at(wallet, reply.height);
    if (String(known?.balance) === reply.balance && known?.entries === reply.entries) continue;
    problems.push(
      `stale read: node ${gateway} gave ${wallet} ${reply.balance} after ${reply.entries} entries ` +
        `at height ${reply.height}, where it held ${known?.balance} after ${known?.entries}`,
    );
  }
  return problems;
}

/**
 * One gateway never goes back: what it said was durable there before, so a later answer (one whose call began after
 * the earlier call ended) knows it, even across a crash.
 */
export function checkGateways(history: readonly Call[]): string[] {
  const problems: string[] = [];
  const gateways = new Set(history.map(({ gateway }) => gateway));
  for (const gateway of gateways) {
    const own = history.filter((call) => call.gateway === gateway);
    const byEnd = own.toSorted((left, right) => left.end - right.end);
    const known = new Set<string>();
    let height = 0;
    let next = 0;
    for (const { question, reply, start } of own.toSorted((a, b) => a.start - b.start)) {
      for (let one = byEnd[next]; one !== undefined && one.end < start; one = byEnd[++next]) {
        if (one.reply.kind === "wallet" || one.reply.kind === "result") {
          height = Math.max(height, one.reply.height);
        }
        if (one.reply.kind === "result" && "key" in one.question) known.add(one.question.key);
      }
      if (reply.kind === "wallet" && reply.height < height) {
        problems.push(
          `stale read: node ${gateway} answered at height ${reply.height} after height ${height}`,
        );
      }
      const missed = reply.kind === "refused" && reply.reason === "NOT_FOUND";
      if (question.kind === "receipt" && missed && known.has(question.key)) {
        problems.push(`stale read: node ${gateway} does not find ${question.key} that it answered`);
      }
    }
  }
  return problems;
}
