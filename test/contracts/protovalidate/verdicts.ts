import { isDeepStrictEqual } from "node:util";
import { create, createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorProtoSchema, type FileDescriptorSet, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { type Contract, encodeViolations, type Violation } from "@org/bus-core";
import { CompileError, type ContractRegistry, compileContracts } from "@org/bus-core/compiler";
import { Request, Response, type ResultInit } from "../gen/harness/v1/harness.js";
import { loadPrinted } from "../support/load-printed.js";
import { pruneDescriptors } from "./prune-descriptors.js";

/** The encoded answer to an encoded request of the suite: what both back ends find in each message. */
export function answer(bytes: Uint8Array): Uint8Array {
  const { descriptors, cases } = Request.decode(bytes);
  const compiler = new Compiler(fromBinary(FileDescriptorSetSchema, descriptors));
  const results = new Map<string, ResultInit>();
  for (const [name, { typeUrl, value }] of cases) {
    results.set(name, { result: verdict(compiler, typeUrl.slice(typeUrl.lastIndexOf("/") + 1), value) });
  }
  return Response.encode({ results });
}

/** A file with a message around an `Any`: the suite asks about one that stands alone, which is no contract here. */
const holder = create(FileDescriptorProtoSchema, {
  name: "holder.proto",
  package: "holder",
  syntax: "proto3",
  dependency: ["google/protobuf/any.proto"],
  messageType: [{ name: "Holder", field: [{ name: "held", number: 1, type: 11, label: 1, typeName: ".google.protobuf.Any" }] }],
});

function verdict(compiler: Compiler, typeName: string, bytes: Uint8Array): ResultInit["result"] {
  if (typeName === "google.protobuf.Any")
    return verdict(compiler.with(holder), "holder.Holder", Buffer.concat([Uint8Array.of(10, bytes.length), bytes]));
  try {
    const { closures, printed } = compiler.contractsOf(typeName);
    const message = closures.decode(bytes);
    const violations = closures.validate(message);
    if (!isDeepStrictEqual(asPlain(violations), asPlain(printed.validate(message)))) {
      return {
        case: "unexpectedError",
        value: `the printed code finds ${JSON.stringify(printed.validate(message))}, not ${JSON.stringify(violations)}`,
      };
    }
    const unevaluable = violations.find(({ rule }) => rule === "unevaluable");
    if (unevaluable !== undefined) return { case: "runtimeError", value: unevaluable.message };
    return violations.length === 0 ? { case: "success", value: true } : { case: "validationError", value: encodeViolations(violations) };
  } catch (error) {
    return error instanceof CompileError ? { case: "compilationError", value: error.message } : { case: "unexpectedError", value: String(error) };
  }
}

/** All that violations say, also what is made only when it is read. */
const asPlain = (violations: readonly Violation[]): readonly object[] =>
  violations.map(({ path, rule, message, standard }) => ({ path, rule, message, standard }));

/** A contract of both back ends. */
interface Contracts {
  readonly closures: Contract;
  readonly printed: Contract;
}

/** The suite asks about messages beside others whose rules are wrong on purpose: where a set does not compile, each type is taken alone. */
class Compiler {
  readonly #set: FileDescriptorSet;
  readonly #whole: BackEnds | CompileError;
  readonly #alone = new Map<string, BackEnds | CompileError>();

  constructor(set: FileDescriptorSet) {
    this.#set = set;
    this.#whole = compileBoth(set);
  }

  /** One that knows a further file. */
  with(file: FileDescriptorProto): Compiler {
    return new Compiler(create(FileDescriptorSetSchema, { file: [...this.#set.file, file] }));
  }

  /** @throws {CompileError} */
  contractsOf(typeName: string): Contracts {
    const found = this.#whole instanceof CompileError ? this.#compileAlone(typeName) : this.#whole;
    if (found instanceof CompileError) throw found;
    const printed = found.printed.get(typeName);
    if (printed === undefined) throw new TypeError(`no printed ${typeName}`);
    return { closures: found.closures.contract(typeName), printed };
  }

  #compileAlone(typeName: string): BackEnds | CompileError {
    const known = this.#alone.get(typeName) ?? compileBoth(pruneDescriptors(this.#set, typeName));
    this.#alone.set(typeName, known);
    return known;
  }
}

interface BackEnds {
  readonly closures: ContractRegistry;
  readonly printed: ReadonlyMap<string, Contract>;
}

function compileBoth(set: FileDescriptorSet): BackEnds | CompileError {
  try {
    const files = [...createFileRegistry(set).files];
    const generate = files.map(({ proto }) => proto.name).filter((path) => !path.startsWith("google/") && !path.startsWith("buf/validate/validate"));
    return { closures: compileContracts(set), printed: loadPrinted(files, ...generate) };
  } catch (error) {
    if (error instanceof CompileError) return error;
    throw error;
  }
}
