/** The table of `countersign status`, within 100 columns: the reasons stand below it, where they have room. */
import type { GetStatusResponse } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { printable } from "../primitives/printable.ts";
import { formatTable } from "./table.ts";
import { READY, stateOf } from "./tolerance.ts";
import { COLUMNS } from "./wrapped.ts";

export interface StatusRow {
  readonly id: string;
  readonly address: string;
  readonly status: GetStatusResponse | undefined;
  /** Why there is no status. */
  readonly problem: string;
  /** True if the node is there and refused the call. */
  readonly refused: boolean;
}

const HEADS = [
  ...["node", "address", "state", "height", "lag", "view", "sealed"],
  ...["peers", "pending", "mem", "version"],
];
const ADDRESS_PLACE = HEADS.indexOf("address");
/** Longer texts are cut at their beginning: names of one network differ most at their end. */
const NAME_MAX = 14;
const VERSION_MAX = 7;
const NUMBER_MAX = 9;

/** Without the addresses if they do not fit. */
export function statusTable(rows: readonly StatusRow[]): string {
  const tip = Math.max(...rows.map(({ status }) => Number(status?.height ?? 0n)));
  const cells = rows.map((row) => cellsOf(row, BigInt(tip)));
  const whole = formatTable(HEADS, cells);
  const isWide = whole.split("\n").some((line) => line.length > COLUMNS);
  return isWide ? formatTable(withoutAddress(HEADS), cells.map(withoutAddress)) : whole;
}

function cellsOf({ id, address, status: node, refused }: StatusRow, tip: bigint): string[] {
  const place = [cut(id, NAME_MAX), address];
  if (node === undefined) return [...place, refused ? "refused" : "no answer"];
  return [
    ...place,
    shortState(node),
    counted(node.height),
    counted(tip - node.height),
    counted(node.view),
    counted(node.sealedHeight),
    `${node.connectedPeers}/${node.validators - 1}`,
    counted(BigInt(node.pendingOperations)),
    `${node.memoryPercent}%`,
    cut(node.version, VERSION_MAX),
  ];
}

function withoutAddress(row: readonly string[]): string[] {
  return row.filter((_, place) => place !== ADDRESS_PLACE);
}

function shortState(node: GetStatusResponse): string {
  if (stateOf(node) === READY) return READY;
  return node.ready ? "rejoined" : "not ready";
}

/** From ten digits on in millions, so that a column stays narrow for years. */
function counted(value: bigint): string {
  const text = `${value}`;
  return text.length <= NUMBER_MAX ? text : `${value / 1_000_000n}M`;
}

function cut(text: string, max: number): string {
  const characters = Array.from(printable(text));
  return characters.length <= max ? text : `…${characters.slice(1 - max).join("")}`;
}
