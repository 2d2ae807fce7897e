import type { ConnectorStatus, SplitStatus, TaskStatus } from "@org/bus-connect";
import { z } from "zod";

const count = z.int().min(0);
const atMs = z.number().describe("ms since the epoch");
const state = z.enum(["waiting", "starting", "running", "paused", "restarting", "failed", "completed", "stopped"]);
const lastError = z.strictObject({ message: z.string(), at: atMs }).optional();

const taskStatus = z.strictObject({
  id: z.string().describe("the split; `topic` of a source that is one"),
  state,
  since: atMs,
  restarts: count,
  lastError,
  read: count.describe("records since the process began"),
  written: count,
  retried: count,
  deadLettered: count,
  inFlight: count.describe("read and not yet written"),
  lastReadAt: atMs.optional(),
  lastWrittenAt: atMs.optional(),
  lag: count.optional().describe("records between what is written and the end of the log; of topics only"),
  stalled: z.boolean().describe("there was something to do for `stallAfterMs`, and nothing of it was finished"),
  idle: z.boolean().describe("nothing is in flight, and the source has said nothing for `stallAfterMs`"),
  progress: z.strictObject({ done: z.number(), total: z.number().optional(), unit: z.string() }).optional(),
} satisfies Record<keyof TaskStatus, z.ZodType>);

const pastStatus = taskStatus
  .pick({ read: true, written: true, retried: true, deadLettered: true, progress: true })
  .extend({ splits: count } satisfies Record<Exclude<keyof ConnectorStatus["past"], keyof TaskStatus>, z.ZodType>)
  .describe("splits that `tasks` no longer tells of one by one");

const connectorStatus = z.strictObject({
  name: z.string(),
  state,
  healthy: z.boolean().describe("not failed, and neither it nor a task of it stalled"),
  stalled: z.boolean(),
  waitingFor: z.strictObject({ what: z.string(), since: atMs }).optional().describe("what has not come: `its positions`, `the splits of its source`"),
  source: z.string(),
  sink: z.string(),
  lastError,
  tasks: z.array(taskStatus),
  past: pastStatus,
} satisfies Record<keyof ConnectorStatus, z.ZodType>);

const health = z.strictObject({ healthy: z.boolean(), connectors: z.array(connectorStatus.pick({ name: true, state: true, healthy: true })) });

const position = z.strictObject({
  split: z.string().describe("of a source that is a topic a partition, `topic[0]`"),
  position: z.unknown().describe("whatever the source needs to go on; of a topic the committed offset"),
  records: count.describe("of the split before it"),
  lag: count.optional().describe("records behind it; of topics only"),
} satisfies Record<keyof SplitStatus, z.ZodType>);

const error = z.strictObject({ error: z.string().describe("what was wrong, and the remedy") });

/** What the admin API answers, by the name that it has in the description of the API. */
const answers = {
  ConnectorStatus: connectorStatus,
  ConnectorStatuses: z.array(connectorStatus),
  Health: health,
  Positions: z.array(position),
  Error: error,
};

export type AnswerName = keyof typeof answers;

/** As fastify takes them. */
export const answerSchemas: readonly object[] = Object.entries(answers).map(([name, schema]) => {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io: "output" });
  return { $id: name, ...json };
});

const refusals = {
  400: "The request is none of this API",
  401: "A token is needed",
  403: "Without a token only programs of this machine may ask",
  404: "There is no such connector, task or path",
  409: "Not as it stands now: the error says what to do first",
  503: "The broker, or what else is needed, does not answer",
} as const;

/** What may come back, for the description: `ok` when it went well. */
export function responses(description: string, ok: AnswerName): Readonly<Record<number, object>> {
  const refused = Object.entries(refusals).map(([status, text]) => [status, answer(text, "Error")]);
  return { ...Object.fromEntries(refused), 200: answer(description, ok) };
}

export function answer(description: string, name: AnswerName): object {
  return { description, content: { "application/json": { schema: { $ref: `${name}#` } } } };
}
