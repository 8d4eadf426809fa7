/** Answers HTTP/1.1 that Node's parser cannot read; Node alone would answer 400 without a reason. */
import type { Server } from "node:http";
import type { Http2SecureServer } from "node:http2";
import type { Duplex } from "node:stream";
import { errorCode } from "../primitives/error-code.ts";
import { errorAnswer, toConnectError } from "./errors.ts";
import type { HttpResponse } from "./http-adapter.ts";
import { Refusal } from "./refusal.ts";

/** Answers an unreadable request with the reason, and hangs up. */
export function refuseUnreadable(server: Server | Http2SecureServer): void {
  /** The newest answer on each connection. */
  const answers = new WeakMap<Duplex, HttpResponse>();
  server.on("request", (request, response) => {
    if (request.httpVersionMajor === 1) answers.set(request.socket, response);
  });
  server.on("clientError", (error: Error, socket: Duplex) => {
    const answer = answers.get(socket);
    const isBegun = answer?.headersSent === true && !answer.writableFinished;
    if (!socket.writable || isBegun || errorCode(error) === "ECONNRESET") socket.destroy();
    else socket.end(written(refusalOf(error)));
  });
}

function refusalOf(error: Error): Refusal {
  switch (errorCode(error)) {
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return new Refusal("BODY_TIMEOUT", { message: "the request did not come" });
    case "HPE_INVALID_EOF_STATE":
      return new Refusal("MALFORMED", { message: "the request is cut off" });
    case "HPE_HEADER_OVERFLOW":
      return new Refusal("LIMIT", { message: "the headers are too large" });
    default:
      return new Refusal("MALFORMED", { message: "this is not a request of HTTP/1.1" });
  }
}

function written(refusal: Refusal): string {
  const { status, headers, body } = errorAnswer(toConnectError(refusal));
  const lines = Object.entries({ ...headers, connection: "close" });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return `HTTP/1.1 ${status} ${status === 408 ? "Request Timeout" : "Bad Request"}\r\n${head}\r\n${Buffer.from(body)}`;
}
