/** The access control of a node, assembled from its configuration: open, or with the configured methods. */
import type { Store } from "../../storage/contracts.ts";
import type { Authenticator } from "../../transport/authenticator.ts";
import type { Log } from "../base/log.ts";
import type { System } from "../base/system.ts";
import type { AccessConfig } from "../files/access-config.ts";
import { type ClientAuthority, readClientAuthority } from "../files/client-tls.ts";
import type { NodeConfig } from "../files/config.ts";
import { AccessControl, type CredentialWay } from "./access-control.ts";
import { AccessTokens } from "./access-tokens.ts";
import { type ReadServer, readServers, ServerSources } from "./authorization-servers.ts";
import { ClientCertificates } from "./client-certificates.ts";
import type { GuessFigures } from "./guess-figures.ts";
import { Guesses } from "./guesses.ts";
import type { KeySource } from "./key-source.ts";
import { openAuthenticator } from "./open.ts";
import { Tokens } from "./tokens.ts";
import { WalletSignatures, type WalletSignaturesParts } from "./wallet-signatures.ts";

export interface NodeAccess extends RenewableAccess {
  /** As read at the start. */
  readonly authority: ClientAuthority;
  /** As read at the start. */
  readonly servers: readonly ReadServer[];
  /** They can be made before the configuration takes any. */
  readonly tokens: Tokens;
  /** Invalid credentials that callers showed; none are counted while every caller may do everything. */
  readonly guesses: GuessFigures;
  /** Of the authorization servers in force. */
  keySets(): readonly NamedKeySet[];
  /** One for all listeners. The state of the opened node knows the owners of wallets. */
  createAuthenticator(owners: Omit<WalletSignaturesParts, "system">): Authenticator;
  close(): void;
}

export interface NamedKeySet {
  readonly issuer: string;
  readonly source: Pick<KeySource, "current" | "figures">;
}

/** The rights of callers, as far as they change without a start. */
export interface RenewableAccess {
  /** The next call is judged by these. */
  renew(fresh: FreshAccess): void;
}

export interface FreshAccess extends Pick<AccessConfig, "clientScopes"> {
  readonly authorizationServers: readonly ReadServer[];
}

export interface NodeAccessParts {
  readonly config: Pick<NodeConfig, "file" | "access">;
  readonly store: Pick<Store, "tokens">;
  readonly system: System;
  readonly log: Log;
}

/** Throws ConfigError if a file of the configuration cannot be used. */
export async function openNodeAccess(parts: NodeAccessParts): Promise<NodeAccess> {
  const { config, store, system, log } = parts;
  const { access } = config;
  const authority = readClientAuthority(config, system.wall());
  const servers = readServers(config);
  const tokens = await Tokens.open({ records: store.tokens, system, log });
  const guesses = new Guesses(system.monotonic);
  const shown = { authority, servers, tokens, guesses: guesses.figures };
  if (access === undefined) {
    const fixed = { renew: () => undefined, close: () => undefined, keySets: () => [] };
    return { createAuthenticator: () => openAuthenticator, ...shown, ...fixed };
  }
  const { publicReads, clientScopes: scopes } = access;
  const certificates = new ClientCertificates({ scopes, system });
  const accessTokens = new AccessTokens({ system, log });
  const sources = new ServerSources({ system, log });
  const renew = (fresh: FreshAccess): void => {
    certificates.grant(fresh.clientScopes);
    accessTokens.use(sources.open(fresh.authorizationServers));
  };
  renew({ clientScopes: scopes, authorizationServers: servers });
  const createAuthenticator: NodeAccess["createAuthenticator"] = (owners) => {
    const { networkId, node, wallets, checker } = owners;
    const signatures = new WalletSignatures({ networkId, node, wallets, checker, system });
    const ways: CredentialWay[] = access.tokens ? [tokens] : [];
    ways.push(accessTokens, signatures);
    if (authority.clientAuthority !== undefined) ways.push(certificates);
    return new AccessControl({ ways, guesses, publicReads });
  };
  const close = () => sources.close();
  const keySets = () =>
    accessTokens.servers.map(({ config: { issuer }, source }) => ({ issuer, source }));
  return { createAuthenticator, ...shown, renew, close, keySets };
}
