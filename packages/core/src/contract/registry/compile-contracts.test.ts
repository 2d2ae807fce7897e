import { create, toBinary } from "@bufbuild/protobuf";
import {
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { BusError } from "../../errors.js";
import { CompileError } from "../compiler/problems.js";
import { compileContracts } from "./compile-contracts.js";

type FileInit = Omit<Partial<FileDescriptorProto>, "$typeName" | "messageType" | "enumType"> & {
  readonly messageType?: object[];
  readonly enumType?: object[];
};

const file = (init: FileInit): FileDescriptorProto =>
  create(FileDescriptorProtoSchema, { name: "a.proto", package: "a", syntax: "proto3", ...init } as never);

const compileFiles = (...files: readonly FileInit[]) => compileContracts(create(FileDescriptorSetSchema, { file: files.map(file) }));

const text = (name: string, number: number) => ({ name, number, jsonName: name, label: Label.OPTIONAL, type: Type.STRING });

const tree = {
  messageType: [
    {
      name: "Tree",
      field: [text("name", 1), { name: "parts", number: 2, jsonName: "parts", label: Label.REPEATED, type: Type.MESSAGE, typeName: ".a.Tree" }],
    },
  ],
};

/** Why the files do not compile. */
function problems(...files: readonly FileInit[]): readonly string[] {
  try {
    compileFiles(...files);
    return [];
  } catch (error) {
    if (error instanceof CompileError) return error.message.split("\n");
    throw error;
  }
}

function failure(work: () => unknown): BusError {
  try {
    work();
  } catch (error) {
    if (error instanceof BusError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("compileContracts", () => {
  const registry = compileFiles(tree);

  it("makes contracts, also of messages that hold their like", () => {
    const message = { name: "root", parts: [{ name: "leaf", parts: [] }] };
    expect(registry.validate("a.Tree", message)).toEqual([]);
    expect(registry.decode("a.Tree", registry.encode("a.Tree", message))).toEqual(message);
    expect(registry.validateBytes("a.Tree", Uint8Array.of(10, 1, 97))).toEqual([]);
    expect([...registry.contracts.keys()]).toEqual(["a.Tree"]);
  });

  it("takes bytes as well", () => {
    const bytes = toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file: [file(tree)] }));
    expect(compileContracts(bytes).contract("a.Tree").typeName).toBe("a.Tree");
  });

  it("encodes nothing that breaks the contract", () => {
    const error = failure(() => registry.encode("a.Tree", { name: "root", parts: [{ nam: "leaf" }] }));
    expect(error.code).toBe("contract_violation");
    expect(error.message).toBe("a.Tree breaks its contract: parts[0].nam: is not a field of the contract (is name meant?)");
  });

  it.each([
    ["a.Tre", 'message type "a.Tre" is not in the descriptor set (is a.Tree meant?)'],
    ["b.v1.Tree", 'message type "b.v1.Tree" is not in the descriptor set (is a.Tree meant?)'],
    ["tree", 'message type "tree" is not in the descriptor set (is a.Tree meant?)'],
    ["a.House", 'message type "a.House" is not in the descriptor set'],
    ["__proto__", 'message type "__proto__" is not in the descriptor set'],
  ])("says which type may have been meant by %s", (typeName, message) => {
    for (const work of [() => registry.validate(typeName, {}), () => registry.decode(typeName, Uint8Array.of())]) {
      expect(failure(work)).toMatchObject({ code: "invalid_options", message });
    }
  });
});

describe("a descriptor set that no compiler would write", () => {
  it("is no set at all", () => {
    expect(failure(() => compileContracts(Uint8Array.of(10, 200)))).toMatchObject({ code: "malformed_message" });
  });

  it("lacks an import, or imports in a circle", () => {
    expect(problems({ dependency: ["b.proto"] })).toEqual([
      "a.proto: imports b.proto, which is not in the descriptor set (protoc needs --include_imports)",
    ]);
    expect(problems({ dependency: ["b.proto"] }, { name: "b.proto", dependency: ["c.proto"] }, { name: "c.proto", dependency: ["a.proto"] })).toEqual(
      ["c.proto: imports a.proto, which leads back to it"],
    );
    expect(problems({ dependency: ["a.proto"] })).toEqual(["a.proto: imports a.proto, which leads back to it"]);
  });

  it("has files in another order than their imports, or the same file twice", () => {
    const user = { name: "b.proto", package: "b", dependency: ["a.proto"] };
    expect([...compileFiles(user, tree, tree).contracts.keys()]).toEqual(["a.Tree"]);
    expect(problems(tree, {})).toEqual(["a.proto: is in the descriptor set twice, and the two differ"]);
  });

  it("declares something twice", () => {
    expect(problems(tree, { ...tree, name: "b.proto" })).toEqual(["b.proto: a.Tree is declared twice, here and in a.proto"]);
    expect(problems({ messageType: [{ name: "A", field: [text("x", 1), text("x", 1)] }] })).toEqual([
      "a.proto: field a.A.x is declared twice",
      "a.proto: field a.A.x has the number 1, as x has",
    ]);
  });

  it("has fields that can be none", () => {
    const field = (init: object) => problems({ messageType: [{ name: "A", field: [{ ...text("x", 1), ...init }] }] });
    expect(field({ number: 0 })).toEqual(["a.proto: field a.A.x has the number 0, must be between 1 and 536870911"]);
    expect(field({ number: 536_870_912 })).toEqual(["a.proto: field a.A.x has the number 536870912, must be between 1 and 536870911"]);
    expect(field({ type: 99 })).toEqual(["a.proto: field a.A.x has the type 99, which is not known"]);
    expect(field({ label: 9 })).toEqual(["a.proto: field a.A.x has the label 9, which is not known"]);
    expect(field({ type: Type.MESSAGE, typeName: ".a.B" })).toEqual([expect.stringContaining(".a.B not found")]);
    expect(field({ name: "x = 1; //" })).toEqual([expect.stringContaining('invalid field name "x = 1; //"')]);
    expect(field({ oneofIndex: 7 })).toHaveLength(1);
    expect(problems({ enumType: [{ name: "E" }] })).toEqual(["a.proto: enum a.E has no values"]);
  });

  it("nests without end", () => {
    let message: object = { name: "A" };
    for (let depth = 0; depth < 200; depth++) message = { name: "A", nestedType: [message] };
    expect(problems({ messageType: [message] })).toEqual([expect.stringContaining("is declared within more than 100 messages")]);
  });

  it("is large", () => {
    const names = Array.from({ length: 5000 }, (_, index) => `m${index}`);
    const messageType = names.map((name, index) => ({
      name,
      field: [text("a", 1), { ...text("b", 2), type: Type.MESSAGE, typeName: `.a.${names[(index * 7) % 5000]}` }],
    }));
    expect(compileFiles({ messageType }).contracts.size).toBe(5000);
  });
});
