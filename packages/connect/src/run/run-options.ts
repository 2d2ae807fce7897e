import { z } from "zod";
import type { DeadLetterStore } from "../dead-letters/dead-letter-store.js";
import type { PositionStore } from "../positions/position-store.js";
import { topicPositions } from "../positions/topic/topic-positions.js";

export const runOptions = z.strictObject({
  positions: z
    .custom<PositionStore>(
      (value) => typeof value === "object" && value !== null && "open" in value,
      "must be a PositionStore, such as filePositions(path)",
    )
    .default(() => topicPositions())
    .describe("Where positions of sources that are no topics are kept; those in a topic spread the splits over processes, too."),
  deadLetters: z
    .custom<DeadLetterStore>(
      (value) => typeof value === "object" && value !== null && "add" in value,
      "must be a DeadLetterStore, such as fileDeadLetters(folder)",
    )
    .optional()
    .describe("Where dead letters of sources that are no topics go. Default: the topic that `failure.deadLetter` names."),
});

export type RunOptions = z.input<typeof runOptions>;
