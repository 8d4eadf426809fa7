import { type IsValidPoint } from "../primitives/signature.ts";
import { type Genesis } from "./genesis.ts";
import { GenesisError } from "./genesis-error.ts";
/** The genesis in `text`, or the first fault in it. */
export declare function parseGenesis(isValidPoint: IsValidPoint, text: string): Genesis | GenesisError;
/** The file that `parseGenesis` reads back as `genesis`. */
export declare function formatGenesis(genesis: Genesis): string;
