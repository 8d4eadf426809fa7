/**
 * Client certificates of the configured authority (mutual TLS). TLS checked the chain and the purpose when the
 * connection was made; each call checks the dates, because a connection may outlive its certificate.
 */
import { type Caller, certificatePrincipal, isPrincipal } from "../../access/principal.ts";
import { type Scope, scopeSet } from "../../access/scope.ts";
import type { RequestCredentials } from "../../transport/authenticator.ts";
import type { CallerCertificate } from "../../transport/caller-certificate.ts";
import { Refusal } from "../../transport/refusal.ts";
import type { System } from "../base/system.ts";
import type { CredentialWay, ShownCredential } from "./access-control.ts";

export interface ClientCertificatesParts {
  /** By the common name of the certificate's subject. */
  readonly scopes: ReadonlyMap<string, readonly Scope[]>;
  readonly system: Pick<System, "wall">;
}

export class ClientCertificates implements CredentialWay {
  readonly shownBy = "connection";
  readonly #parts: ClientCertificatesParts;
  #scopes: ReadonlyMap<string, readonly Scope[]>;

  constructor(parts: ClientCertificatesParts) {
    this.#parts = parts;
    this.#scopes = parts.scopes;
  }

  /** From the next call on these scopes hold. */
  grant(scopes: ReadonlyMap<string, readonly Scope[]>): void {
    this.#scopes = scopes;
  }

  read({ clientCertificate }: RequestCredentials): ShownCredential | undefined {
    if (clientCertificate === undefined) return undefined;
    // TLS has proved the key, so a certificate cannot be guessed.
    return { check: async () => this.#check(clientCertificate) };
  }

  #check({ commonName, problem, validFrom, validTo }: CallerCertificate): Caller | Refusal {
    if (problem === "CERT_REVOKED") {
      return refused("the client certificate, or one above it, was revoked");
    }
    if (problem !== undefined) {
      return refused(
        `the client certificate is not vouched for by this node's authority (${problem})`,
      );
    }
    const now = this.#parts.system.wall();
    if (now > validTo) return refused("the client certificate, or one above it, has expired");
    if (now < validFrom) return refused("the client certificate is not valid yet");
    if (commonName === undefined || !isPrincipal(certificatePrincipal(commonName))) {
      return refused(
        "the subject of the client certificate does not have one printable common name",
      );
    }
    const scopes = this.#scopes.get(commonName) ?? [];
    return { principal: certificatePrincipal(commonName), scopes: scopeSet(scopes) };
  }
}

function refused(message: string): Refusal {
  return new Refusal("UNAUTHENTICATED", { message });
}
