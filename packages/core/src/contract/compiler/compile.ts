import type { DescFile } from "@bufbuild/protobuf";
import { Options } from "./options.js";
import type { FilePlan } from "./plan.js";
import { planFile, refuseSharedTopics } from "./plan-file.js";
import { printFile } from "./printer/print-file.js";
import { Problems } from "./problems.js";
import { referencesOf } from "./references.js";

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

/** Files of Google's types and of the standard options and rules: they declare no contracts, and are generated only if something refers to them. */
const libraryFiles = /^(?:google\/protobuf\/|buf\/validate\/|org\/bus\/v1\/options\.proto$)/;

/**
 * Compiles `.proto` files to TypeScript.
 *
 * @throws {CompileError} with every problem, by file and line
 */
export function compile({ files, generate }: CompileOptions): readonly GeneratedFile[] {
  const options = new Options(files);
  const problems = new Problems();
  const chosen = files.filter((file) => generate.has(file.proto.name) && !libraryFiles.test(file.proto.name));
  const plans = planWithLibrary(chosen, files, (file) => planFile(file, options, problems));
  refuseSharedTopics(files, options, problems);
  problems.throwIfAny();
  return plans
    .filter((plan) => plan.messages.length + plan.enums.length > 0)
    .map((plan) => ({ path: plan.path.replace(/\.proto$/, ".ts"), content: printFile(plan) }));
}

/** Plans files, and those of the library that they refer to. */
function planWithLibrary(chosen: readonly DescFile[], files: readonly DescFile[], plan: (file: DescFile) => FilePlan): readonly FilePlan[] {
  const plans = new Map<string, FilePlan>();
  let next = chosen;
  while (next.length > 0) {
    const made = next.map(plan);
    for (const filePlan of made) plans.set(filePlan.path, filePlan);
    const referred = new Set(made.flatMap(referencesOf).filter((path) => libraryFiles.test(path) && !plans.has(path)));
    next = files.filter((file) => referred.has(file.proto.name));
  }
  return [...plans.values()];
}
