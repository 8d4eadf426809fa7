/** A receiver of webhooks over real TLS, as docs/webhooks.md describes one: it checks signatures with the official library. */
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import {
  createDevelopmentAuthority,
  createListenerCertificate,
  LOOPBACK_HOSTS,
} from "../../../src/transport/development-certificates.ts";

export interface ReceivedMessage {
  readonly id: string;
  readonly type: string;
  readonly data: {
    readonly walletId?: string;
    readonly height: string;
    readonly events: readonly {
      readonly cursor: string;
      readonly entry?: { readonly height?: string; readonly index?: number };
      readonly transaction?: { readonly height?: string; readonly index?: number };
    }[];
  };
}

export class Receiver {
  readonly authority: string;
  readonly #server: Server;
  /** Messages with a good signature that it had not taken before, in order. */
  readonly taken: ReceivedMessage[] = [];
  /** Ids of all requests. */
  readonly asked: string[] = [];
  /** Requests whose signature was wrong. */
  forged = 0;
  /** Of its next answers. */
  status = 200;
  secret = "";

  private constructor(server: Server, authority: string) {
    this.#server = server;
    this.authority = authority;
  }

  static async open(): Promise<Receiver> {
    const authority = await createDevelopmentAuthority({ now: Date.now(), days: 2 });
    const validity = { now: Date.now(), days: 1 };
    const { certificate, key } = await createListenerCertificate(
      authority,
      LOOPBACK_HOSTS,
      validity,
    );
    const server = createServer({ cert: certificate, key });
    const receiver = new Receiver(server, authority.certificate);
    server.on("request", (request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => {
        body += chunk.toString();
      });
      request.on("end", () => {
        const headers = Object.entries(request.headers).map(([name, value]) => [name, `${value}`]);
        response.writeHead(receiver.#take(body, Object.fromEntries(headers))).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return receiver;
  }

  get url(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}/payments?key=path-secret`;
  }

  get events(): string[] {
    return this.taken.flatMap(({ data }) =>
      data.events.map(({ entry, transaction }) => {
        const { height = "0", index = 0 } = entry ?? transaction ?? {};
        return `${height}.${index}`;
      }),
    );
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #take(body: string, headers: Record<string, string>): number {
    const id = headers["webhook-id"] ?? "";
    this.asked.push(id);
    if (this.status !== 200) return this.status;
    try {
      new Webhook(this.secret).verify(body, headers);
    } catch {
      this.forged += 1;
      return 401;
    }
    if (!this.taken.some((message) => message.id === id)) {
      this.taken.push({ id, ...JSON.parse(body) });
    }
    return 204;
  }
}
