/** The key `access` of a node's configuration: the methods by which callers authenticate themselves, and their rights. */
import { isPrincipal, type Principal } from "../../access/principal.ts";
import type { Scope } from "../../access/scope.ts";
import type { JsonField } from "../../primitives/json-fields.ts";
import {
  type AuthorizationServerConfig,
  type AuthorizationServerFile,
  readAuthorizationServers,
  scopesByText,
} from "./authorization-config.ts";

export interface AccessConfig {
  /** Callers without a credential may read everything. */
  readonly publicReads: boolean;
  /** Bearer tokens of the operator are accepted. */
  readonly tokens: boolean;
  /** Absolute path of the authority whose client certificates are accepted. */
  readonly clientAuthorityFile?: string | undefined;
  /** Absolute path of the lists of certificates that it has revoked. */
  readonly clientRevocationsFile?: string | undefined;
  /** By the common name of a certificate's subject. */
  readonly clientScopes: ReadonlyMap<string, readonly Scope[]>;
  /** Their access tokens are accepted. */
  readonly authorizationServers: readonly AuthorizationServerConfig[];
  /** The principal that owns custodial wallets without another owner. */
  readonly unownedWallets?: Principal | undefined;
}

/** The fields of the file under `access`. */
export interface AccessFile {
  readonly publicReads?: boolean;
  readonly tokens?: boolean;
  readonly clientAuthority?: string;
  readonly clientRevocations?: string;
  readonly clientScopes?: Readonly<Record<string, readonly string[]>>;
  readonly authorizationServers?: readonly AuthorizationServerFile[];
  readonly unownedWallets?: string;
}

const FIELDS = [
  "publicReads",
  "tokens",
  "clientAuthority",
  "clientRevocations",
  "clientScopes",
  "authorizationServers",
  "unownedWallets",
] as const satisfies readonly (keyof AccessFile)[];

export const ACCESS_MEANING =
  'optional: who may call, such as {"tokens": true}; without it every caller may do everything (docs/access.md)';

/** `path` resolves a path in the file. */
export function readAccess(field: JsonField, path: (field: JsonField) => string): AccessConfig {
  const fields = field.record([], FIELDS);
  const { clientAuthority, clientRevocations, clientScopes, unownedWallets } = fields;
  const scopes = scopesByText(clientScopes, 'an object such as {"payments": ["submit"]}');
  if (clientAuthority === undefined && scopes.size > 0) {
    clientScopes?.fail(
      "gives scopes to client certificates, but no authority is named",
      'name it by "clientAuthority", the path of a certificate in PEM',
    );
  }
  if (clientAuthority === undefined) {
    clientRevocations?.fail(
      "names revoked client certificates, but no authority is named",
      'name it by "clientAuthority", the path of a certificate in PEM',
    );
  }
  return {
    publicReads: flag(fields.publicReads) ?? false,
    tokens: flag(fields.tokens) ?? true,
    clientAuthorityFile: clientAuthority === undefined ? undefined : path(clientAuthority),
    clientRevocationsFile: clientRevocations === undefined ? undefined : path(clientRevocations),
    clientScopes: scopes,
    authorizationServers: readAuthorizationServers(fields.authorizationServers, path),
    unownedWallets: unownedWallets === undefined ? undefined : principal(unownedWallets),
  };
}

function flag(field: JsonField | undefined): boolean | undefined {
  return field?.boolean();
}

function principal(field: JsonField): Principal {
  const text = field.string() ?? "";
  if (/^(token|cert|jwt):./.test(text) && isPrincipal(text)) return text;
  return field.fail(
    "is no principal",
    "write one such as token:treasury, the owner of custodial wallets that have none",
  );
}
