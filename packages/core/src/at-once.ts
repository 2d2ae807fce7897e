import { isPromiseLike } from "./consume/stage/promise-like.js";

/**
 * What a function of user code answered that has to answer at once. A promise would be taken for the value, and nobody would hear of its rejection, which ends the process.
 *
 * @throws {TypeError} for a promise
 */
export function atOnce<T>(who: string, answer: T): T {
  if (!isPromiseLike(answer)) return answer;
  // refused whatever becomes of it
  answer.then(undefined, () => {});
  throw new TypeError(`${who} must answer at once, and answered a promise; use enrich for what has to wait`);
}
