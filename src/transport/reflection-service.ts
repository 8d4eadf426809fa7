/**
 * gRPC server reflection, v1 and v1alpha, from which grpcurl and `buf curl` learn the contracts. Both versions have
 * the same messages under two names. It shows only what the server serves: of a service with two served calls, these
 * two.
 */
import {
  clone,
  create,
  createRegistry,
  type DescFile,
  type DescMethod,
  fromBinary,
  type MessageInitShape,
  type Registry,
  toBinary,
} from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { Code, type ConnectRouter, type HandlerContext } from "@connectrpc/connect";
import {
  type ServerReflectionRequest,
  ServerReflectionRequestSchema,
  type ServerReflectionResponse,
  ServerReflectionResponseSchema,
  ServerReflection as ServerReflectionV1,
} from "../../gen/grpc/reflection/v1/reflection_pb.ts";
import {
  type ServerReflectionRequest as AlphaRequest,
  ServerReflectionRequestSchema as AlphaRequestSchema,
  ServerReflection as ServerReflectionV1Alpha,
} from "../../gen/grpc/reflection/v1alpha/reflection_pb.ts";
import { LIMITS } from "../primitives/limits.ts";

type Answer = MessageInitShape<typeof ServerReflectionResponseSchema>["messageResponse"];

/** Serves the contracts of `others`, of all calls that `router` has now, of reflection itself, and of their messages. */
export function routeReflection(router: ConnectRouter, others: Iterable<DescMethod>): void {
  const calls = [
    ...others,
    ...router.handlers.map(({ method }) => method),
    ServerReflectionV1.method.serverReflectionInfo,
    ServerReflectionV1Alpha.method.serverReflectionInfo,
  ];
  const contracts = new Contracts(calls);
  async function* reflect(
    requests: AsyncIterable<ServerReflectionRequest>,
    context: HandlerContext,
  ): AsyncGenerator<ServerReflectionResponse> {
    let answered = 0;
    for await (const originalRequest of requests) {
      answered += 1;
      if (answered > LIMITS.reflectionQuestionsMax) return;
      if (context.signal.aborted) throw context.signal.reason;
      const { host: validHost, messageRequest } = originalRequest;
      const messageResponse = contracts.answer(messageRequest);
      yield create(ServerReflectionResponseSchema, { validHost, originalRequest, messageResponse });
    }
  }
  router.service(ServerReflectionV1, { serverReflectionInfo: reflect });
  router.service(ServerReflectionV1Alpha, {
    async *serverReflectionInfo(requests, context) {
      for await (const answer of reflect(asV1(requests), context)) {
        const bytes = toBinary(ServerReflectionResponseSchema, answer);
        yield fromBinary(ServerReflectionV1Alpha.method.serverReflectionInfo.output, bytes);
      }
    },
  });
}

/** The two versions differ in their names, not in their bytes. */
async function* asV1(
  requests: AsyncIterable<AlphaRequest>,
): AsyncGenerator<ServerReflectionRequest> {
  for await (const request of requests) {
    const bytes = toBinary(AlphaRequestSchema, request);
    yield fromBinary(ServerReflectionRequestSchema, bytes);
  }
}

class Contracts {
  /** Full names of services, with the names of their served calls. */
  readonly #served = new Map<string, Set<string>>();
  /** By the name in an import, with its suffix. */
  readonly #files = new Map<string, DescFile>();
  readonly #types: Registry;

  constructor(calls: readonly DescMethod[]) {
    for (const { parent, name } of calls) {
      const names = this.#served.get(parent.typeName) ?? new Set();
      this.#served.set(parent.typeName, names.add(name));
      this.#add(parent.file);
    }
    this.#types = createRegistry(...this.#files.values());
  }

  answer(question: ServerReflectionRequest["messageRequest"]): NonNullable<Answer> {
    switch (question.case) {
      case "listServices": {
        const service = [...this.#served.keys()].map((name) => ({ name }));
        return { case: "listServicesResponse", value: { service } };
      }
      case "fileByFilename":
        return this.#answerFile(this.#files.get(question.value), question.value);
      case "fileContainingSymbol":
        return this.#answerFile(this.#fileOf(question.value), question.value);
      case "fileContainingExtension":
        return notFound(question.value.containingType);
      case "allExtensionNumbersOfType": {
        const baseTypeName = question.value;
        if (this.#types.getMessage(baseTypeName) === undefined) return notFound(baseTypeName);
        return { case: "allExtensionNumbersResponse", value: { baseTypeName } };
      }
      default:
        return failure(Code.InvalidArgument, "the request has no question");
    }
  }

  #add(file: DescFile): void {
    const { name } = file.proto;
    if (this.#files.has(name)) return;
    this.#files.set(name, file);
    for (const dependency of file.dependencies) this.#add(dependency);
  }

  /** Of a type, a service, or a call of a service. */
  #fileOf(symbol: string): DescFile | undefined {
    const type = this.#types.get(symbol);
    const isHidden = type?.kind === "service" && !this.#served.has(symbol);
    if (type !== undefined) return isHidden ? undefined : type.file;
    const dot = Math.max(0, symbol.lastIndexOf("."));
    const [service, call] = [symbol.slice(0, dot), symbol.slice(dot + 1)];
    const isServed = this.#served.get(service)?.has(call) === true;
    return isServed ? this.#types.getService(service)?.file : undefined;
  }

  /** The file and all its imports, so that no client has to ask again. */
  #answerFile(file: DescFile | undefined, asked: string): NonNullable<Answer> {
    if (file === undefined) return notFound(asked);
    const closure = new Set<DescFile>();
    const add = (one: DescFile): void => {
      if (closure.has(one)) return;
      closure.add(one);
      for (const dependency of one.dependencies) add(dependency);
    };
    add(file);
    const fileDescriptorProto = [...closure].map(({ proto }) => {
      return toBinary(FileDescriptorProtoSchema, this.#servedOf(proto));
    });
    return { case: "fileDescriptorResponse", value: { fileDescriptorProto } };
  }

  /** A file without the calls that are not served here. */
  #servedOf(file: FileDescriptorProto): FileDescriptorProto {
    const shown = clone(FileDescriptorProtoSchema, file);
    const callsOf = (service: string) => this.#served.get(`${file.package}.${service}`);
    shown.service = shown.service.filter(({ name }) => callsOf(name) !== undefined);
    for (const service of shown.service) {
      service.method = service.method.filter(({ name }) => callsOf(service.name)?.has(name));
    }
    return shown;
  }
}

function notFound(asked: string): NonNullable<Answer> {
  return failure(Code.NotFound, `nothing here is named ${asked}`);
}

function failure(errorCode: Code, errorMessage: string): NonNullable<Answer> {
  return { case: "errorResponse", value: { errorCode, errorMessage } };
}
