import { z } from "zod";
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
});

export type RunOptions = z.input<typeof runOptions>;
