/** Runs the commands that list: the first node that answers gives the list, and the command shows at most --limit items. */
import type { JsonValue } from "@bufbuild/protobuf";
import type { GatewayClient } from "../client/gateway-client.ts";
import type { ChainTerms, PageState } from "../client/lists.ts";
import type { Genesis } from "../ledger/genesis.ts";
import { askFirst } from "./calls.ts";
import { EXIT, type Values } from "./command.ts";
import { type Lacking, listNotes, takeFirst } from "./list-arguments.ts";
import {
  membersFor,
  type NETWORK_OPTIONS,
  type NetworkAccess,
  type NODE_OPTION,
  openNetwork,
} from "./network-access.ts";
import { formatTable } from "./table.ts";
import type { Terminal } from "./terminal.ts";

/** The size and the watcher of the pages. */
export type PageTerms = Required<Pick<ChainTerms, "pageSize" | "onPage">>;

export interface ListShown<T> {
  /** The name of the list in the JSON answer, and fields beside it. */
  readonly name: string;
  readonly beside?: Readonly<Record<string, string>>;
  /** Made once the network is known. */
  readonly open: (
    network: NetworkAccess,
  ) => Promise<(calls: GatewayClient["calls"], pages: PageTerms) => AsyncIterable<T>>;
  /** The gap in the list while the node fills in its history; absent: all below `completeFrom`. */
  readonly lacks?: Lacking;
  readonly toJson: (item: T) => JsonValue;
  readonly heads: readonly string[];
  readonly row: (genesis: Genesis, item: T) => readonly string[];
}

/** Asked for in one page. */
const PAGE_SIZE_MAX = 1_000;

export async function showList<T>(
  command: string,
  values: Values<typeof NETWORK_OPTIONS & typeof NODE_OPTION>,
  {
    terminal,
    limit,
    list,
  }: { readonly terminal: Terminal; readonly limit: number; readonly list: ListShown<T> },
): Promise<number> {
  const network = openNetwork(command, values);
  try {
    const members = membersFor(command, network, values.node);
    const items = await list.open(network);
    let page: PageState | undefined;
    const onPage = (state: PageState) => {
      page = state;
    };
    const pageSize = Math.min(limit, PAGE_SIZE_MAX);
    const { member, answer } = await askFirst(command, members, async (calls) => {
      return await takeFirst(items(calls, { pageSize, onPage }), limit);
    });
    const { taken, hasMore } = answer;
    for (const note of listNotes(command, page, { hasMore, limit, lacks: list.lacks }))
      terminal.note(note);
    terminal.answer({
      value: {
        ...list.beside,
        node: member.id,
        height: page?.height,
        completeFrom: page?.completeFrom,
        hasMore,
        [list.name]: taken.map(list.toJson),
      },
      text: formatTable(
        list.heads,
        taken.map((item) => list.row(network.genesis, item)),
      ),
    });
    return EXIT.ok;
  } finally {
    network.close();
  }
}
