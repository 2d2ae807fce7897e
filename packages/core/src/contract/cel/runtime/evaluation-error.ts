/** Why an expression has no value: it divides by zero, asks for an item that is not there, … */
export class EvaluationError extends Error {
  override readonly name = "EvaluationError";
}
