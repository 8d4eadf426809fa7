/** All commands, in the order of the help. */
import { certs } from "./certs.ts";
import type { Command } from "./command.ts";
import { createCompletion } from "./completion.ts";
import { devnet } from "./devnet.ts";
import { node } from "./node.ts";
import { receiptVerify } from "./receipt-verify.ts";

export const COMMANDS: readonly Command[] = [
  devnet,
  node,
  certs,
  receiptVerify,
  createCompletion(() => COMMANDS),
];
