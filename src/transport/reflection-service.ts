/**
 * gRPC server reflection, v1 and v1alpha: what grpcurl and `buf curl` ask to learn the contracts from the server
 * itself. Both versions are the same messages under two names.
 */
import {
  create,
  createRegistry,
  type DescFile,
  type DescService,
  fromBinary,
  type MessageInitShape,
  type Registry,
  toBinary,
} from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
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

/** The services of reflection itself; a server that reflects lists them too. */
export const REFLECTION_SERVICES: readonly DescService[] = [
  ServerReflectionV1,
  ServerReflectionV1Alpha,
];

/** Serves the contracts of `services` and everything that they are made of. */
export function routeReflection(router: ConnectRouter, services: readonly DescService[]): void {
  const contracts = new Contracts(services);
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
  readonly #services: readonly DescService[];
  /** By the name that an import has, with its ending. */
  readonly #files = new Map<string, DescFile>();
  readonly #types: Registry;

  constructor(services: readonly DescService[]) {
    this.#services = services;
    for (const { file } of services) this.#add(file);
    this.#types = createRegistry(...this.#files.values());
  }

  answer(question: ServerReflectionRequest["messageRequest"]): NonNullable<Answer> {
    switch (question.case) {
      case "listServices": {
        const service = this.#services.map(({ typeName: name }) => ({ name }));
        return { case: "listServicesResponse", value: { service } };
      }
      case "fileByFilename":
        return answerFile(this.#files.get(question.value), question.value);
      case "fileContainingSymbol":
        return answerFile(this.#fileOf(question.value), question.value);
      case "fileContainingExtension":
        return notFound(question.value.containingType);
      case "allExtensionNumbersOfType": {
        const baseTypeName = question.value;
        if (this.#types.getMessage(baseTypeName) === undefined) return notFound(baseTypeName);
        return { case: "allExtensionNumbersResponse", value: { baseTypeName } };
      }
      default:
        return failure(Code.InvalidArgument, "the request asks nothing");
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
    const whole = this.#types.get(symbol)?.file;
    if (whole !== undefined) return whole;
    const dot = symbol.lastIndexOf(".");
    const service = this.#types.getService(symbol.slice(0, Math.max(0, dot)));
    const call = service?.methods.find(({ name }) => name === symbol.slice(dot + 1));
    return call === undefined ? undefined : service?.file;
  }
}

/** The file and all that it imports, so that no client has to ask again. */
function answerFile(file: DescFile | undefined, asked: string): NonNullable<Answer> {
  if (file === undefined) return notFound(asked);
  const closure = new Set<DescFile>();
  const add = (one: DescFile): void => {
    if (closure.has(one)) return;
    closure.add(one);
    for (const dependency of one.dependencies) add(dependency);
  };
  add(file);
  const fileDescriptorProto = [...closure].map(({ proto }) => {
    return toBinary(FileDescriptorProtoSchema, proto);
  });
  return { case: "fileDescriptorResponse", value: { fileDescriptorProto } };
}

function notFound(asked: string): NonNullable<Answer> {
  return failure(Code.NotFound, `nothing here is named ${asked}`);
}

function failure(errorCode: Code, errorMessage: string): NonNullable<Answer> {
  return { case: "errorResponse", value: { errorCode, errorMessage } };
}
