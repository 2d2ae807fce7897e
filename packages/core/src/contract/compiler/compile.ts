import type { DescFile } from "@bufbuild/protobuf";
import { isLibraryFile } from "./library-files.js";
import { Options } from "./options.js";
import type { FilePlan } from "./plan.js";
import { planFile, refuseSharedTopics } from "./plan-file.js";
import { printFile } from "./printer/print-file.js";
import { Problems } from "./problems.js";
import { referencesOf } from "./references.js";
import { refuseSameNames } from "./refuse-same-names.js";

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

/**
 * Compiles `.proto` files to TypeScript.
 *
 * @throws {CompileError} with every problem, by file and line
 */
export function compile(compileOptions: CompileOptions): readonly GeneratedFile[] {
  return planContracts(compileOptions)
    .filter((plan) => plan.messages.length + plan.enums.length > 0)
    .map((plan) => ({ path: plan.path.replace(/\.proto$/, ".ts"), content: printFile(plan) }));
}

/**
 * What `compile` makes code of: the files to generate, and those of Google that they refer to, as data. For tools that describe contracts.
 *
 * @throws {CompileError} with every problem, by file and line
 */
export function planContracts({ files, generate }: CompileOptions): readonly FilePlan[] {
  const options = new Options(files);
  const problems = new Problems();
  const chosen = files.filter((file) => generate.has(file.proto.name) && !isLibraryFile(file));
  const plans = planWithLibrary(chosen, files.filter(isLibraryFile), (file) => {
    const plan = planFile(file, options, problems);
    refuseSameNames(file, problems);
    return plan;
  });
  refuseSharedTopics(files, options, problems);
  problems.throwIfAny();
  return plans;
}

/** Plans files, and those of the library that they refer to. */
function planWithLibrary(chosen: readonly DescFile[], library: readonly DescFile[], plan: (file: DescFile) => FilePlan): readonly FilePlan[] {
  const plans = new Map<string, FilePlan>();
  let next = chosen;
  while (next.length > 0) {
    const made = next.map(plan);
    for (const filePlan of made) plans.set(filePlan.path, filePlan);
    const referred = new Set(made.flatMap(referencesOf));
    next = library.filter(({ proto: { name } }) => referred.has(name) && !plans.has(name));
  }
  return [...plans.values()];
}
