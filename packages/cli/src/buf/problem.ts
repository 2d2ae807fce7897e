import { relative } from "node:path";

/** What buf found fault with, as it prints it with `--error-format=json`. */
export interface Problem {
  /** The file, relative to the working directory; absent where the fault is of no one file. */
  readonly path?: string;
  readonly line?: number;
  readonly column?: number;
  /** Name of the rule of `buf lint` or `buf breaking`, `COMPILE` for what does not compile. */
  readonly rule: string;
  readonly message: string;
}

/**
 * The problems in what buf printed, and the lines that are none.
 *
 * @param locate the absolute path of a file as buf names it
 */
export function parseProblems(
  text: string,
  locate: (path: string) => string,
  cwd: string,
): { readonly problems: readonly Problem[]; readonly rest: string } {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const problems = lines.filter((line) => line.startsWith("{")).map((line) => toProblem(JSON.parse(line), locate, cwd));
  return { problems, rest: lines.filter((line) => !line.startsWith("{")).join("\n") };
}

/** `path:line:column: message (RULE)`, as editors and terminals know it. */
export function formatProblem({ path, line, column, rule, message }: Problem): string {
  const where = path === undefined ? "" : `${[path, line, column].filter((part) => part !== undefined).join(":")}: `;
  return `${where}${message}${rule === "COMPILE" ? "" : ` (${rule})`}`;
}

interface BufProblem {
  readonly path?: string;
  readonly start_line?: number;
  readonly start_column?: number;
  readonly type: string;
  readonly message: string;
}

function toProblem(problem: BufProblem, locate: (path: string) => string, cwd: string): Problem {
  const { path, start_line: line, start_column: column, type: rule, message } = problem;
  return {
    ...(path === undefined ? {} : { path: relative(cwd, locate(path)) }),
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
    rule,
    message,
  };
}
