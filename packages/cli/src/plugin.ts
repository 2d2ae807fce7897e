#!/usr/bin/env node
import { create, createFileRegistry } from "@bufbuild/protobuf";
import {
  type CodeGeneratorRequest,
  CodeGeneratorResponse_Feature,
  CodeGeneratorResponseSchema,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import { runNodeJs } from "@bufbuild/protoplugin";
import { CompileError, compile, type GeneratedFile } from "@org/bus-core/compiler";

/** The protoc plugin that `bus gen` runs under buf. Problems in the `.proto` files go back as the error of the response, a line for each. */
runNodeJs({
  name: "protoc-gen-bus",
  version: "v1",
  run(request) {
    try {
      const file = generate(request).map(({ path, content }) => ({ name: path, content }));
      return create(CodeGeneratorResponseSchema, { file, supportedFeatures: BigInt(CodeGeneratorResponse_Feature.PROTO3_OPTIONAL) });
    } catch (error) {
      if (error instanceof CompileError) return create(CodeGeneratorResponseSchema, { error: error.message });
      throw error;
    }
  },
});

function generate(request: CodeGeneratorRequest): readonly GeneratedFile[] {
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: request.protoFile }));
  return compile({ files: [...registry.files], generate: new Set(request.fileToGenerate) });
}
