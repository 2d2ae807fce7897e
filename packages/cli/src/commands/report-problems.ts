import { formatProblem, type Problem } from "../buf/problem.js";
import { CommandFailure } from "../failure.js";
import type { Terminal } from "../terminal.js";

/**
 * Prints a line for each problem, unless they have been printed as JSON.
 *
 * @throws {CommandFailure} there are problems
 */
export function reportProblems(problems: readonly Problem[], isPrinted: boolean, terminal: Terminal): void {
  if (!isPrinted) for (const problem of problems) terminal.out(formatProblem(problem));
  if (problems.length > 0) throw new CommandFailure(`${problems.length} ${problems.length === 1 ? "problem" : "problems"}`);
}
