import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRegistry, fromBinary, toJson } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { file_buf_validate_validate } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runBuf } from "../buf/run-buf.js";
import { writeIfChanged } from "../write-if-changed.js";
import { printProto } from "./print-proto.js";

describe("printProto", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "bus-print-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("prints the rules of protovalidate so that buf compiles them to the descriptor that was printed", async () => {
    await writeIfChanged(join(folder, "buf/validate/validate.proto"), printProto(file_buf_validate_validate));
    const run = await runBuf(["build", ".", "--as-file-descriptor-set", "--exclude-source-info", "-o", "-#format=binpb"], folder);
    expect(run.stderr).toBe("");
    const { file } = fromBinary(FileDescriptorSetSchema, run.stdout);
    const compiled = file.find(({ name }) => name === "buf/validate/validate.proto");
    if (compiled === undefined) throw new Error("buf left the file out");
    const options = { registry: createRegistry(file_buf_validate_validate) };
    const original = toJson(FileDescriptorProtoSchema, file_buf_validate_validate.proto, options);
    expect(toJson(FileDescriptorProtoSchema, compiled, options)).toEqual(original);
    // its options are there, not lost on both sides
    expect(JSON.stringify(original)).toContain("this.isEmail()");
  });
});
