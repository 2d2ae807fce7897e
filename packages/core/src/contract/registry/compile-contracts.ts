import type { DescFile } from "@bufbuild/protobuf";
import type { FileDescriptorSet } from "@bufbuild/protobuf/wkt";
import { messageOf } from "../../errors.js";
import { compileContract, compileMessage } from "../closures/compile-contract.js";
import { Links } from "../closures/links.js";
import { Options } from "../compiler/options.js";
import type { FilePlan } from "../compiler/plan.js";
import { planExtensions } from "../compiler/plan-extensions.js";
import { planFile, refuseSharedTopics } from "../compiler/plan-file.js";
import { Problems } from "../compiler/problems.js";
import { wellKnownType } from "../compiler/value-type.js";
import type { Contract } from "../contract.js";
import type { DescriptionTypes } from "../description/describe-message.js";
import { type JsonPlans, JsonTypes } from "../json/json-types.js";
import type { ContractRegistry } from "./contract-registry.js";
import { createRegistry } from "./create-registry.js";
import { descriptorFiles } from "./descriptor-files.js";

/**
 * The contracts of a descriptor set, compiled to closures: the same checks and the same bytes as those of generated files, without any code being
 * generated or evaluated. The set may come from anywhere: what it holds is data.
 *
 * @param descriptorSet a `google.protobuf.FileDescriptorSet`, or its bytes, imports included (`buf build --as-file-descriptor-set`,
 *   `protoc --include_imports --descriptor_set_out`)
 * @throws {CompileError} with every problem, by file and line
 * @throws {BusError} `malformed_message`: the bytes are no descriptor set
 */
export function compileContracts(descriptorSet: Uint8Array | FileDescriptorSet): ContractRegistry {
  const plans = planFiles(descriptorFiles(descriptorSet));
  const { messages, enums } = plans;
  const links = new Links(messages, enums, compileMessage);
  const contracts = new Map<string, Contract>();
  const values = new Map(enums.map((plan) => [plan.typeName, plan.values.map(({ number }) => number)]));
  const types: DescriptionTypes<Contract> = {
    message: ({ typeName }) => known(contracts.get(typeName)),
    enumValues: ({ typeName }) => known(values.get(typeName)),
  };
  for (const message of messages) contracts.set(message.typeName, compileContract(message, links, types));
  return createRegistry(contracts, new JsonTypes(plans, links));
}

/** Descriptors that no compiler wrote may hold what nothing here expects, in options for example. */
function planAnyFile(file: DescFile, options: Options, problems: Problems): readonly FilePlan[] {
  try {
    return [planFile(file, options, problems)];
  } catch (error) {
    problems.addFile(file.proto.name, `cannot be compiled: ${messageOf(error)}`);
    return [];
  }
}

/** The messages and enums of the files, but for the types of Google's that have a form of their own. */
function planFiles(files: readonly DescFile[]): JsonPlans {
  const options = new Options(files);
  const problems = new Problems();
  const plans = files.flatMap((file) => planAnyFile(file, options, problems));
  refuseSharedTopics(files, options, problems);
  problems.throwIfAny();
  const messages = plans.flatMap((plan) => plan.messages).filter(({ typeName }) => wellKnownType(typeName) === undefined);
  return { messages, enums: plans.flatMap((plan) => plan.enums), extensions: planExtensions(files) };
}

/** Descriptors were checked to declare all that they refer to. */
function known<T>(found: T | undefined): T {
  if (found === undefined) throw new TypeError("a plan refers to what there is no plan of");
  return found;
}
