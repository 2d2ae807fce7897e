import { metrics } from "@opentelemetry/api";
import { type AnyContract, type Bus, BusError } from "@org/bus-core";
import { busInternals } from "@org/bus-core/internal";
import type { ConnectorContext } from "../context.js";
import { type Connector, declared } from "../define/define-connector.js";
import { positionsTopic } from "../positions/topic/topic-positions.js";
import { METER } from "../task/environment.js";
import { loggerWith } from "../task/task-logger.js";
import { TopicSource } from "../topic/from-topic.js";
import { TopicSink } from "../topic/to-topic.js";

/** What stands in the way of a connector. */
export interface ConnectorProblem {
  /** `positions`: the bus, on which a source that is no topic keeps them. */
  readonly part: "source" | "sink" | "positions";
  readonly error: unknown;
}

/** Whether source, sink and bus can be reached and are set up as needed. Empty when nothing stands in the way. */
export async function checkConnector(bus: Bus, connector: Connector): Promise<readonly ConnectorProblem[]> {
  const { source, sink, name } = declared(connector);
  const { clock, logger, transport } = busInternals(bus);
  const ending = new AbortController();
  const meter = metrics.getMeter(METER);
  const context: ConnectorContext = { connector: name, signal: ending.signal, logger: loggerWith(logger, { connector: name }), meter, clock };
  const checks = {
    source: source instanceof TopicSource ? () => topicsExist(bus, source.contracts) : () => source.check?.(context),
    sink: sink instanceof TopicSink ? () => topicsExist(bus, sink.contracts) : () => sink.check?.(context),
    positions: source instanceof TopicSource ? () => undefined : () => transport.admin.describeTopics([positionsTopic(name)]),
  };
  const problems: ConnectorProblem[] = [];
  for (const part of ["source", "sink", "positions"] as const) {
    try {
      await checks[part]();
    } catch (error) {
      problems.push({ part, error });
    }
  }
  ending.abort();
  return problems;
}

async function topicsExist(bus: Bus, contracts: readonly AnyContract[]): Promise<void> {
  const names = contracts.flatMap(({ topic }) => topic?.name ?? []);
  const found = await busInternals(bus).transport.admin.describeTopics(names);
  const missing = names.filter((name) => !found.has(name));
  if (missing.length > 0) throw new BusError("unknown_topic", `topic ${missing.join(", ")} does not exist; create it with bus.topics.ensure([…])`);
}
