import { type Command, InvalidArgumentError } from "commander";
import { loadContracts } from "../contracts/load-contracts.js";
import { findContract, makeExamples } from "../example/make-examples.js";
import type { Terminal } from "../terminal.js";

interface ExampleOptions {
  readonly seed: number;
  readonly count: number;
  readonly json?: true;
}

/** `bus example` */
export function addExampleCommand(program: Command, terminal: Terminal): void {
  program
    .command("example")
    .summary("print valid messages as JSON")
    .description(
      "Prints messages that satisfy every rule of their contract, in the canonical JSON of Protobuf.\n" +
        "The same seed gives the same messages, but for times, which are near now.",
    )
    .argument("<topic|message>", "name of a topic, or of a message (shop.v1.OrderPlaced, or OrderPlaced alone)")
    .argument("[dir]", "folder of the .proto files", "proto")
    .option("--seed <n>", "which messages", integerFrom(0), 1)
    .option("--count <n>", "how many", integerFrom(1), 1)
    .option("--json", "print them in one JSON document, with the names of their type and topic")
    .action(async (name: string, folder: string, { seed, count, json }: ExampleOptions) => {
      const { registry } = await loadContracts(folder, process.cwd());
      const contract = findContract(registry, name);
      const messages = makeExamples(registry, contract, { seed, count });
      if (json) terminal.out(JSON.stringify({ type: contract.typeName, topic: contract.topic?.name, messages }));
      else for (const message of messages) terminal.out(JSON.stringify(message, undefined, 2));
    });
}

const integerFrom =
  (min: number) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value < 2 ** 31) return value;
    throw new InvalidArgumentError(`It must be an integer from ${min} to 2147483647.`);
  };
