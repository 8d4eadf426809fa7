export interface NetworkAddress {
    /** As it was written, an IPv6 address without its brackets. */
    readonly host: string;
    readonly port: number;
}
/** The form of an address to listen on, in words. */
export declare const LISTEN_FORM = "host:port: a name, an IPv4 address or an IPv6 address in brackets, with a port from 1 to 65535";
/** The form of an address at which others reach something, in words. */
export declare const ADDRESS_FORM = "host:port: a name, an IPv4 address or an IPv6 address in brackets, with a port from 1 to 65535, and none that stands for all addresses, such as 0.0.0.0";
/** A name, an IPv4 address or an IPv6 address in brackets, with a port; undefined if the text is anything else. */
export declare function parseNetworkAddress(text: string): NetworkAddress | undefined;
/** The text that `parseNetworkAddress` reads. */
export declare function formatNetworkAddress({ host, port }: NetworkAddress): string;
/** True for an address to which others can connect; false for one that stands for all addresses of a machine. */
export declare function isNetworkAddress(text: string): boolean;
/** True if only programs of the same machine reach a listener there, or can be reached there. */
export declare function isLoopback(host: string): boolean;
/** True for an address that is no name. */
export declare function isNumericHost(host: string): boolean;
/** True for 0.0.0.0 and [::]: a listener there takes connections to every address of its machine. */
export declare function isUnspecified(host: string): boolean;
