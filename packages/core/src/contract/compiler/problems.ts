import { type Declaration, fileOf, lineOf } from "./source-location.js";

/** One reason why a `.proto` cannot be compiled. */
export interface CompileProblem {
  readonly file: string;
  /** 1-based; absent where the descriptor has no source positions. */
  readonly line: number | undefined;
  readonly message: string;
}

/** Why files do not compile: all reasons at once, a line for each: `quakes/v1/quakes.proto:12: …`. */
export class CompileError extends Error {
  override readonly name = "CompileError";
  readonly problems: readonly CompileProblem[];

  constructor(problems: readonly CompileProblem[]) {
    super(problems.map(({ file, line, message }) => `${file}${line === undefined ? "" : `:${line}`}: ${message}`).join("\n"));
    this.problems = problems;
  }
}

/** Gathers problems, so that all are told at once. */
export class Problems {
  readonly #found: CompileProblem[] = [];

  /** Notes a problem with `declaration`, or with an `option` of it: the numbers that lead to the option's field. */
  add(declaration: Declaration, message: string, option?: readonly number[]): void {
    this.#found.push({ file: fileOf(declaration).proto.name, line: lineOf(declaration, option), message });
  }

  /** Notes a problem with a whole file. */
  addFile(file: string, message: string): void {
    this.#found.push({ file, line: undefined, message });
  }

  /** @throws {CompileError} if there are any */
  throwIfAny(): void {
    if (this.#found.length > 0) throw new CompileError(this.#found);
  }
}
