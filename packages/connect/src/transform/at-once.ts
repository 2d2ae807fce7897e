import { isPromiseLike } from "@org/bus-core/internal";

/**
 * What a pure function of user code answered. A promise would be taken for the value, and nobody would hear of its rejection, which ends the process.
 *
 * @throws {TypeError} for a promise
 */
export function atOnce<T>(who: string, answer: T): T {
  if (!isPromiseLike(answer)) return answer;
  // refused whatever becomes of it
  answer.then(undefined, () => {});
  throw new TypeError(`${who} must answer at once, and answered a promise; use enrich for what has to wait`);
}
