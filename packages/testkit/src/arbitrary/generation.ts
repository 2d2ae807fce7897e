/** How messages are made. */
export interface Generation {
  /** `any`: all that a contract allows, odd values often. `plain`: values as people write them, and no property left out. */
  readonly taste: "any" | "plain";
  /** What rules on the time take for now, in nanoseconds since the epoch. */
  readonly now: bigint;
  /** `now` was given: what is only valid near the time of the check (`timestamp.within`) is taken for valid near that one. */
  readonly isNowGiven: boolean;
}

/** Messages nested deeper than this are left out where they may be. */
export const usualDepth = 3;

/** Where they may not, this ends the attempt: such a message has no end. */
export const maxDepth = 20;
