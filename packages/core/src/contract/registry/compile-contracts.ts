import type { DescFile } from "@bufbuild/protobuf";
import type { FileDescriptorSet } from "@bufbuild/protobuf/wkt";
import { messageOf } from "../../errors.js";
import { contractViolation } from "../../publish/contract-violation.js";
import { compileContract, compileMessage } from "../closures/compile-contract.js";
import { Links } from "../closures/links.js";
import { Options } from "../compiler/options.js";
import type { FilePlan } from "../compiler/plan.js";
import { planFile, refuseSharedTopics } from "../compiler/plan-file.js";
import { Problems } from "../compiler/problems.js";
import { wellKnownType } from "../compiler/value-type.js";
import type { Contract } from "../contract.js";
import type { DescriptionTypes } from "../description/describe-message.js";
import type { ContractRegistry } from "./contract-registry.js";
import { descriptorFiles } from "./descriptor-files.js";
import { unknownType } from "./suggest-types.js";

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
  const files = descriptorFiles(descriptorSet);
  const contracts = new Map(compileFiles(files).map((contract) => [contract.typeName, contract]));
  const byTopic = new Map(
    Array.from(contracts.values()).flatMap((contract) => (contract.topic === undefined ? [] : [[contract.topic.name, contract]])),
  );
  const contractOf = (typeName: string): Contract => {
    const contract = contracts.get(typeName);
    if (contract === undefined) throw unknownType(typeName, contracts.keys());
    return contract;
  };
  return {
    contracts,
    byTopic,
    contract: contractOf,
    validate: (typeName, message) => contractOf(typeName).validate(message),
    validateBytes(typeName, bytes) {
      const contract = contractOf(typeName);
      return contract.validate(contract.decode(bytes));
    },
    decode: (typeName, bytes) => contractOf(typeName).decode(bytes),
    encode(typeName, message) {
      const contract = contractOf(typeName);
      const violations = contract.validate(message);
      if (violations.length > 0) throw contractViolation(contract, violations);
      return contract.encode(message as object);
    },
  };
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

function compileFiles(files: readonly DescFile[]): readonly Contract[] {
  const options = new Options(files);
  const problems = new Problems();
  const plans = files.flatMap((file) => planAnyFile(file, options, problems));
  refuseSharedTopics(files, options, problems);
  problems.throwIfAny();
  const messages = plans.flatMap((plan) => plan.messages).filter(({ typeName }) => wellKnownType(typeName) === undefined);
  const enums = plans.flatMap((plan) => plan.enums);
  const links = new Links(messages, enums, compileMessage);
  const contracts: Contract[] = [];
  const types: DescriptionTypes<Contract> = {
    message: ({ typeName }) => known(contracts.find((contract) => contract.typeName === typeName)),
    enumValues: ({ typeName }) => known(enums.find((plan) => plan.typeName === typeName)).values.map(({ number }) => number),
  };
  contracts.push(...messages.map((message) => compileContract(message, links, types)));
  return contracts;
}

/** Descriptors were checked to declare all that they refer to. */
function known<T>(found: T | undefined): T {
  if (found === undefined) throw new TypeError("a plan refers to what there is no plan of");
  return found;
}
