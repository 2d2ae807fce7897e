import { BusError, type Contract } from "@org/bus-core";

/** What the simulated services send each other. */
export interface Job {
  /** "": the record has no key. */
  readonly key: string;
  /** Counts the messages of a run; one that is published again keeps its number. */
  readonly number: number;
  /** Its bytes decode to nothing. */
  readonly isMalformed?: boolean;
  /** Where the job lay of which this is the result. */
  readonly source?: string;
}

function jobs(topic: string): Contract<Job> {
  const text = new TextEncoder();
  return {
    typeName: `simulation.v1.${topic}`,
    topic: { name: topic, keyField: "key", partitions: 1, cleanup: "delete", owner: { team: "bus", channel: "#bus" } },
    sensitiveFields: [],
    validate: () => [],
    encode: (job) => text.encode(job.isMalformed ? "{" : JSON.stringify(job)),
    decode(bytes) {
      try {
        return JSON.parse(new TextDecoder().decode(bytes)) as Job;
      } catch (error) {
        throw BusError.from(error, "malformed_message");
      }
    },
    key: ({ key }) => (key === "" ? null : text.encode(key)),
  };
}

export const Job = jobs("jobs");
/** Where a pipe that publishes publishes to. */
export const Done = jobs("done");
export const GROUP = "workers";
