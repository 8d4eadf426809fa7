import type { Genesis } from "./genesis.ts";
/** Throws a GenesisError unless everything fits. Ranges of single fields were checked before. */
export declare function checkGenesis(genesis: Genesis): void;
