/** All commands, in the order of the help. */
import { bench } from "./bench.ts";
import { certs } from "./certs.ts";
import { check } from "./check.ts";
import type { Command } from "./command.ts";
import { createCompletion } from "./completion.ts";
import { devnet } from "./devnet.ts";
import { genesisCompose } from "./genesis-compose.ts";
import { genesisHash, genesisInspect } from "./genesis-inspect.ts";
import { init } from "./init.ts";
import { keygen } from "./keygen.ts";
import { network } from "./network.ts";
import { node } from "./node.ts";
import { peers } from "./peers.ts";
import { receiptGet } from "./receipt-get.ts";
import { receiptVerify } from "./receipt-verify.ts";
import { rejoin } from "./rejoin.ts";
import { sign } from "./sign.ts";
import { status } from "./status.ts";
import { transfer } from "./transfer.ts";
import { walletCreate } from "./wallet-create.ts";
import { walletList } from "./wallet-list.ts";
import { walletShow } from "./wallet-show.ts";

export const COMMANDS: readonly Command[] = [
  devnet,
  node,
  keygen,
  genesisCompose,
  genesisInspect,
  genesisHash,
  init,
  certs,
  check,
  rejoin,
  walletCreate,
  walletShow,
  walletList,
  transfer,
  sign,
  receiptGet,
  receiptVerify,
  status,
  network,
  peers,
  bench,
  createCompletion(() => COMMANDS),
];
