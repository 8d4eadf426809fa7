/** The block tree above the last final block: the bodies held, and which of them connect to it without a hole. */
import { assert } from "../primitives/assert.ts";
import type { Block, Header } from "../primitives/block.ts";
import { equalBytes, toHex } from "../primitives/bytes.ts";
import type { Digest } from "../primitives/hash.ts";
import { type Epoch, type Height, height, type View, view } from "../primitives/numbers.ts";

/** A block by its header alone. */
export interface Tip {
  readonly hash: Digest;
  readonly header: Header;
}

/** A reference to a block whose body may not be held. */
export interface BlockRef {
  readonly hash: Digest;
  readonly height: Height;
}

/** The connection of a block to the last final one. */
export type Connection =
  | { readonly kind: "connected" }
  /** This block has to be fetched first. */
  | { readonly kind: "missing"; readonly block: BlockRef }
  /** The block does not descend from the last final one. */
  | { readonly kind: "conflict" };

interface Entry {
  readonly block: Block;
  connected: boolean;
}

export class Ancestry {
  #final: Tip;
  readonly #epoch: Epoch;
  readonly #entries = new Map<string, Entry>();

  constructor(final: Tip, epoch: Epoch) {
    this.#final = final;
    this.#epoch = epoch;
  }

  /** The last final block. */
  get final(): Tip {
    return this.#final;
  }

  /** The final block's view in this epoch; views start again in every epoch, so it is 0 below its first block. */
  get finalView(): View {
    const { header } = this.#final;
    return header.epoch === this.#epoch ? header.view : view(0);
  }

  /** The number of bodies held. */
  get size(): number {
    return this.#entries.size;
  }

  /** A block above the final one. */
  block(hash: Digest): Block | undefined {
    return this.#entries.get(toHex(hash))?.block;
  }

  /** The final block, or one that is held above it. */
  tip(hash: Digest): Tip | undefined {
    return this.isFinal(hash) ? this.#final : this.block(hash);
  }

  isFinal(hash: Digest): boolean {
    return equalBytes(hash, this.#final.hash);
  }

  /** A block without operations is held on top of the final one. */
  get hasEmptyChild(): boolean {
    return this.#entries
      .values()
      .some(
        ({ block: { header } }) => header.operationCount === 0 && this.isFinal(header.parentHash),
      );
  }

  /** Keeps `block`; false if it is held already or cannot be above the final one. */
  add(block: Block): boolean {
    const key = toHex(block.hash);
    if (this.#isOver(block)) return false;
    if (this.#entries.has(key)) return false;
    this.#entries.set(key, { block, connected: false });
    if (this.#parentConnected(block)) this.#connect();
    return true;
  }

  /** True if the block and all its ancestors down to the final one are held; true for the final one. */
  isConnected(hash: Digest): boolean {
    return this.isFinal(hash) || this.#entries.get(toHex(hash))?.connected === true;
  }

  /** Follows the parents of a block down to the final one, or to the first that is missing. */
  connection(to: BlockRef): Connection {
    let at = to;
    while (!this.isConnected(at.hash)) {
      if (at.height <= this.#final.header.height) return { kind: "conflict" };
      const block = this.block(at.hash);
      if (block === undefined) return { kind: "missing", block: at };
      at = { hash: block.header.parentHash, height: height(block.header.height - 1) };
    }
    return { kind: "connected" };
  }

  /** From the child of the final block up to `hash`, which must be connected; empty for the final block. */
  chain(hash: Digest): Block[] {
    assert(this.isConnected(hash), "a chain without its ancestors");
    const blocks: Block[] = [];
    let at = hash;
    while (!this.isFinal(at)) {
      const block = this.block(at);
      assert(block !== undefined, "a connected block is held");
      blocks.push(block);
      at = block.header.parentHash;
    }
    return blocks.reverse();
  }

  /**
   * Makes a connected block final. Gives the blocks that became final, ascending, and forgets those that cannot
   * become final any more.
   */
  finalize(hash: Digest): Block[] {
    const blocks = this.chain(hash);
    const last = blocks.at(-1);
    if (last !== undefined) this.adopt({ hash: last.hash, header: last.header });
    return blocks;
  }

  /** Moves the final block to one that was made final elsewhere (catch-up). */
  adopt(final: Tip): void {
    assert(final.header.height >= this.#final.header.height, "finality never goes back");
    this.#final = final;
    for (const [key, { block }] of this.#entries) {
      if (this.#isOver(block)) this.#entries.delete(key);
    }
    for (const entry of this.#entries.values()) entry.connected = false;
    this.#connect();
  }

  /** Forgets blocks of old views that are neither among `certified` nor an ancestor of one of them. */
  forgetUncertified(through: View, certified: Iterable<Digest>): void {
    const old = [...this.#entries].filter(([, { block }]) => block.header.view <= through);
    if (old.length === 0) return;
    const needed = new Set<string>();
    for (const hash of certified) {
      for (let at = this.block(hash); at !== undefined; at = this.block(at.header.parentHash)) {
        const key = toHex(at.hash);
        if (needed.has(key)) break;
        needed.add(key);
      }
    }
    for (const [key] of old) if (!needed.has(key)) this.#entries.delete(key);
  }

  /** Spreads the connection from parents to children. The order is ascending, so one pass is enough. */
  #connect(): void {
    const apart = [...this.#entries.values()].filter(({ connected }) => !connected);
    apart.sort((left, right) => left.block.header.height - right.block.header.height);
    for (const entry of apart) entry.connected = this.#parentConnected(entry.block);
  }

  /** True if it can never become final: every block notarized in a later view descends from the final block. */
  #isOver(block: Block): boolean {
    const { height: at, view: of } = block.header;
    return at <= this.#final.header.height || of <= this.finalView;
  }

  #parentConnected(block: Block): boolean {
    const { parentHash, height: at } = block.header;
    if (this.isFinal(parentHash)) return at === this.#final.header.height + 1;
    const parent = this.#entries.get(toHex(parentHash));
    return parent?.connected === true && parent.block.header.height + 1 === at;
  }
}
