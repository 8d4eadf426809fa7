/**
 * Cursors of lists: the place where a page ended, with a check over the place and the list. A cursor of another list, or
 * changed or invented bytes, are refused before anything is read. A cursor gives no
 * right: with a forged one, a caller reads the same list from another place on. It is the same at every node, so that a client
 * may change nodes between two pages.
 */
import { type Bytes, concatBytes } from "../../primitives/bytes.ts";
import { Encoder } from "../../primitives/encoding.ts";
import { DIGEST_LENGTH, type Hash } from "../../primitives/hash.ts";
import type { NetworkId } from "../../primitives/ids.ts";
import { TAGS } from "../../primitives/tags.ts";
import { Refusal } from "../../transport/refusal.ts";

/** The list that a cursor belongs to: its name, its direction, and its filters. */
export interface ListIdentity {
  readonly name: string;
  readonly newestFirst: boolean;
  readonly filters: readonly (string | number | undefined)[];
}

/** The name of what `Subscribe` streams. */
export const EVENT_LIST = "events";

/** Of the check. A forged cursor does no harm, so this has to find mistakes only. */
const CHECK_LENGTH = 12;

export class ListCursors {
  readonly #hash: Hash;
  readonly #networkId: NetworkId;

  constructor({ hash, networkId }: { readonly hash: Hash; readonly networkId: NetworkId }) {
    this.#hash = hash;
    this.#networkId = networkId;
  }

  /** The text of a cursor at this place, which `placeLength` bytes encode. */
  write(list: ListIdentity, place: Bytes): string {
    return Buffer.from(concatBytes(place, this.#check(list, place))).toString("base64url");
  }

  /** The place in a cursor of this list. */
  read(list: ListIdentity, text: string, placeLength: number): Bytes | Refusal {
    const bytes = new Uint8Array(Buffer.from(text, "base64url"));
    const place = bytes.slice(0, placeLength);
    // Compared as a text, because base64url has other spellings of the same bytes.
    if (bytes.length === placeLength + CHECK_LENGTH && this.write(list, place) === text) {
      return place;
    }
    return wrongCursor(list);
  }

  #check({ name, newestFirst, filters }: ListIdentity, place: Bytes): Bytes {
    const encoder = new Encoder()
      .tag(TAGS.listCursor)
      .fixed(this.#networkId, DIGEST_LENGTH)
      .string(name)
      .boolean(newestFirst)
      .list(filters, (filter, inner) =>
        inner.optional(filter, (value, one) => one.string(String(value))),
      )
      .bytes(place);
    return encoder.digest(this.#hash).slice(0, CHECK_LENGTH);
  }
}

/** The refusal of a cursor of another list, or of none. A stream that began again without a cursor would miss events. */
export function wrongCursor({ name }: ListIdentity): Refusal {
  const isStream = name === EVENT_LIST;
  return new Refusal("MALFORMED", {
    message: isStream
      ? "the cursor is not of this stream: it may be of another wallet, of the whole ledger, or of another network"
      : "the cursor is not of this list",
    field: "cursor",
    remedy: isStream
      ? "Give the cursor with the wallet that it came with; or begin at the height of the last event that you handled (fromHeight), and skip the events that you know."
      : "Repeat the request that gave it, with the same fields but pageSize; or begin again without a cursor.",
  });
}
