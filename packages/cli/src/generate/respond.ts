import { create, createFileRegistry } from "@bufbuild/protobuf";
import {
  type CodeGeneratorRequest,
  type CodeGeneratorResponse,
  CodeGeneratorResponse_Feature,
  CodeGeneratorResponseSchema,
  Edition,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import { CompileError, compile } from "@org/bus-core/compiler";

/**
 * What `protoc-gen-bus` answers to a compiler of Protobuf: the generated files, or, as the error of the response, what is wrong with
 * the contracts, a line for each problem: `shop/v1/order.proto:12: …`.
 */
export function respond(request: CodeGeneratorRequest): CodeGeneratorResponse {
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: request.protoFile }));
  try {
    const generated = compile({ files: [...registry.files], generate: new Set(request.fileToGenerate) });
    return create(CodeGeneratorResponseSchema, {
      file: generated.map(({ path, content }) => ({ name: path, content })),
      supportedFeatures: BigInt(CodeGeneratorResponse_Feature.PROTO3_OPTIONAL | CodeGeneratorResponse_Feature.SUPPORTS_EDITIONS),
      minimumEdition: Edition.EDITION_PROTO2,
      maximumEdition: Edition.EDITION_2024,
    });
  } catch (error) {
    if (error instanceof CompileError) return create(CodeGeneratorResponseSchema, { error: error.message });
    throw error;
  }
}
