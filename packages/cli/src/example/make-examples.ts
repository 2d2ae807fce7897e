import { type AnyContract, BusError } from "@org/bus-core";
import type { ContractRegistry } from "@org/bus-core/compiler";
import { type ExamplesOptions, examples } from "@org/bus-testkit/arbitrary";
import { CommandFailure } from "../failure.js";

/** The contract of a topic or message: by the topic's name, the message's full name, or its short one where no other has it. */
export function findContract({ byTopic, contracts }: ContractRegistry, name: string): AnyContract {
  const found = byTopic.get(name) ?? contracts.get(name);
  if (found !== undefined) return found;
  const alike = [...contracts.values()].filter(({ typeName }) => typeName.endsWith(`.${name}`));
  const [only] = alike;
  if (only !== undefined && alike.length === 1) return only;
  const known = alike.length > 1 ? alike.map(({ typeName }) => typeName) : [...byTopic.keys()];
  throw new CommandFailure(
    `no topic or message is called ${name}${known.length === 0 ? "" : ` (there ${known.length === 1 ? "is" : "are"} ${known.join(", ")})`}`,
  );
}

/** Valid messages in the canonical JSON of Protobuf. @throws {CommandFailure} there are none, or none was found */
export function makeExamples(registry: ContractRegistry, contract: AnyContract, options: ExamplesOptions): readonly unknown[] {
  try {
    return examples(contract, options).map((message): unknown => JSON.parse(registry.toJson(contract.typeName, message)));
  } catch (error) {
    throw error instanceof BusError ? new CommandFailure(error.message) : error;
  }
}
