import { type GatewayCallOptions, type GatewayClient } from "./gateway-calls.ts";
export type { GatewayClient } from "./gateway-calls.ts";
export interface WebGatewayClientOptions extends GatewayCallOptions {
    /** https://host:port of a node's client listener. */
    readonly baseUrl: string;
}
/** Connects at the first call. */
export declare function createGatewayClient(options: WebGatewayClientOptions): GatewayClient;
