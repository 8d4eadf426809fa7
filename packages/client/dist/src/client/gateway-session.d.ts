import { ClientSession, type PingTimings } from "../transport/client-session.ts";
export interface GatewaySessionOptions {
    /** https://host:port of a node's client listener. */
    readonly baseUrl: string;
    /** PEM of the authority to trust instead of the system's. */
    readonly ca?: string | undefined;
    readonly timings?: PingTimings | undefined;
}
/** A client may connect and then wait for its user, so it pings during calls only. */
export declare function openGatewaySession(options: GatewaySessionOptions): ClientSession;
