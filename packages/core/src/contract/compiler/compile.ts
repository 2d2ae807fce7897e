import type { DescFile } from "@bufbuild/protobuf";
import { Options } from "./options.js";
import { planFile, refuseSharedTopics } from "./plan-file.js";
import { printFile } from "./printer/print-file.js";
import { Problems } from "./problems.js";

export interface CompileOptions {
  /** Every file of the run, imported ones too: topics are unique among all of them. */
  readonly files: readonly DescFile[];
  /** Paths of those to generate. */
  readonly generate: ReadonlySet<string>;
}

export interface GeneratedFile {
  /** `quakes/v1/quakes.ts`. */
  readonly path: string;
  readonly content: string;
}

/** Files of the standard options and rules: they declare no contracts. */
const optionFiles = /^(?:google\/protobuf\/|buf\/validate\/|org\/bus\/v1\/options\.proto$)/;

/**
 * Compiles `.proto` files to TypeScript.
 *
 * @throws {CompileError} with every problem, by file and line
 */
export function compile({ files, generate }: CompileOptions): readonly GeneratedFile[] {
  const options = new Options(files);
  const problems = new Problems();
  const chosen = files.filter((file) => generate.has(file.proto.name) && !optionFiles.test(file.proto.name));
  const plans = chosen.map((file) => planFile(file, options, problems));
  refuseSharedTopics(files, options, problems);
  problems.throwIfAny();
  return plans
    .filter((plan) => plan.messages.length + plan.enums.length > 0)
    .map((plan) => ({ path: plan.path.replace(/\.proto$/, ".ts"), content: printFile(plan) }));
}
