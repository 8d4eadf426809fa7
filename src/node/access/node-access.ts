/** The access control of a node, assembled from its configuration: open, or with the configured methods. */
import type { Store } from "../../storage/contracts.ts";
import type { Authenticator } from "../../transport/authenticator.ts";
import type { Log } from "../base/log.ts";
import type { System } from "../base/system.ts";
import { readClientAuthority } from "../files/client-tls.ts";
import type { NodeConfig } from "../files/config.ts";
import { AccessControl, type CredentialWay } from "./access-control.ts";
import { ClientCertificates } from "./client-certificates.ts";
import { Guesses } from "./guesses.ts";
import { openAuthenticator } from "./open.ts";
import { Tokens } from "./tokens.ts";

export interface NodeAccess {
  readonly authenticator: Authenticator;
  /** PEM of the authority whose client certificates are accepted; undefined if there is none. */
  readonly clientAuthority: string | undefined;
  /** They can be made before the configuration takes any. */
  readonly tokens: Tokens;
}

export interface NodeAccessParts {
  readonly config: Pick<NodeConfig, "file" | "access">;
  readonly store: Pick<Store, "tokens">;
  readonly system: System;
  readonly log: Log;
}

/** Throws ConfigError if the authority of client certificates cannot be read. */
export async function openNodeAccess(parts: NodeAccessParts): Promise<NodeAccess> {
  const { config, store, system, log } = parts;
  const { access } = config;
  const clientAuthority = readClientAuthority(config);
  const tokens = await Tokens.open({ records: store.tokens, system, log });
  if (access === undefined) return { authenticator: openAuthenticator, clientAuthority, tokens };
  const { publicReads, clientScopes: scopes } = access;
  const ways: CredentialWay[] = access.tokens ? [tokens] : [];
  if (clientAuthority !== undefined) ways.push(new ClientCertificates({ scopes, system }));
  const guesses = new Guesses(system.monotonic);
  const authenticator = new AccessControl({ ways, guesses, publicReads });
  return { authenticator, clientAuthority, tokens };
}
