import { create, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { BusError } from "@org/bus-core";
import { CompileError, compileContracts } from "@org/bus-core/compiler";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitrarySchema, importedFiles } from "./support/arbitrary-schema.js";

const imports = toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file: [...importedFiles] }));

describe("a descriptor set with damaged bytes", { timeout: 180_000 }, () => {
  it("compiles, or is refused with a reason", () => {
    const seen = { compiled: 0, refused: 0, malformed: 0 };
    fc.assert(
      fc.property(arbitrarySchema, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 2 }), (schema, changes) => {
        const bytes = toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file: [schema] }));
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        try {
          // messages written one after the other are merged, as Protobuf has it
          compileContracts(Buffer.concat([imports, bytes]));
          seen.compiled++;
        } catch (error) {
          if (error instanceof CompileError) seen.refused++;
          else if (error instanceof BusError && error.code === "malformed_message") seen.malformed++;
          else throw error;
        }
      }),
      { numRuns: 150 },
    );
    expect(Math.min(seen.compiled, seen.refused, seen.malformed)).toBeGreaterThan(5);
  });
});
