/** The load of one run, as the process that makes it is told, and what that process answers. */

/** The wallets that pay and are paid. */
export type PaymentPattern =
  /** Every wallet pays each of the others in turn. */
  | "spread"
  /** One wallet takes part in every payment: it pays and is paid by turns. */
  | "hot";

export type Arrivals =
  /** A new operation is sent when one is answered, so that `inFlight` are under way at any time. */
  | { readonly kind: "closed"; readonly inFlight: number }
  /** Operations are sent at random times (a Poisson process), no matter how many are under way, up to a bound. */
  | { readonly kind: "open"; readonly perSecond: number; readonly inFlightMax: number };

export interface LoadPlan {
  /** https://host:port of each node that takes calls. */
  readonly gateways: readonly string[];
  /** A bearer token for each of them; absent: calls show none. */
  readonly tokens?: readonly string[] | undefined;
  /** PEM of the authority of their certificates. */
  readonly ca: string;
  /** The genesis of the network, with which receipts are verified. */
  readonly genesisFile: string;
  readonly wallets: number;
  /** They are among so many wallets of the network, whose keys follow from the seed (hexadecimal); absent: the load creates them. */
  readonly past?: { readonly seed: string; readonly wallets: number } | undefined;
  readonly pattern: PaymentPattern;
  /** Of so many operations one creates a wallet with money; absent: none. */
  readonly creationEvery?: number | undefined;
  readonly arrivals: Arrivals;
  /** By single calls, or over streams; then all operations are transfers. */
  readonly by: "calls" | "streams";
  /** Nodes may refuse a part of the load for now: such answers are counted apart, and are not wrong. Absent: none. */
  readonly mayBeRefused?: boolean | undefined;
  /** Load before the measured time, milliseconds. */
  readonly warmMs: number;
  readonly measureMs: number;
  /** Operations that are prepared and signed before the load begins. */
  readonly operations: number;
  /** Of so many answers one has its receipt verified. */
  readonly verifyEvery: number;
  /** Seed of the times of an open load. */
  readonly seed: number;
}

/** The times of answers that arrived in the measured time. */
export interface LoadReport {
  /** Measured time, milliseconds: shorter than planned if the operations ran out, longer if few were answered. */
  readonly measuredMs: number;
  readonly ranOut: boolean;
  /** Milliseconds from the moment an operation was due until its answer, of all gateways together. */
  readonly latenciesMs: Float64Array;
  /** For each of them, the place of its gateway. */
  readonly gatewayOf: Uint8Array;
  /** Operations that were due in the measured time and not sent, because too many were under way. */
  readonly unsent: number;
  /** Operations that were refused for now in the measured time. */
  readonly refused: number;
  /** Of all answers, also those before and after the measured time: by what is wrong with them. */
  readonly failures: Readonly<Record<string, number>>;
  readonly answers: number;
  /** Receipts that were verified offline with the genesis. */
  readonly verified: number;
  /** Signing all operations, milliseconds. */
  readonly signingMs: number;
}

/** From the bench to the process that makes the load. */
export type LoadOrder =
  | { readonly kind: "prepare"; readonly plan: LoadPlan }
  | { readonly kind: "begin" };

/** From that process, in this order. */
export type LoadNews =
  | { readonly kind: "prepared" }
  | { readonly kind: "measuring" }
  | { readonly kind: "measured" }
  | { readonly kind: "report"; readonly report: LoadReport };
