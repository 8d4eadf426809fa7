import type { PingTimings } from "../transport/client-session.ts";
import { type GatewayCallOptions, type GatewayClient } from "./gateway-calls.ts";
export type { GatewayClient } from "./gateway-calls.ts";
export interface GatewayClientOptions extends GatewayCallOptions {
    /** https://host:port of a node's client listener. */
    readonly baseUrl: string;
    /** PEM of the authority that certified the node's listener; absent: those that the system trusts. */
    readonly ca?: string | undefined;
    readonly timings?: PingTimings | undefined;
}
/** Connects at the first call. */
export declare function createGatewayClient(options: GatewayClientOptions): GatewayClient;
