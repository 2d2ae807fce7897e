import type { Step } from "./step.js";

/** Where the records of a task go. */
export interface Output {
  /** The last step, for one run of the engine. */
  open(): Step;
  close(): Promise<void>;
}
