import {
  type Answer,
  type Arguments,
  type ClusterClient,
  ConnectionFault,
  type Destination,
  type RequestName,
} from "@org/bus-kafka-platformatic/internal";
import type { Chance } from "../../environment/chance.js";
import type { Trouble } from "../../scenario/weather.js";
import { NODES } from "../kafka/kafka.js";
import { ConnectionLost } from "../kafka/wire.js";
import { type Answerer, answers, type BrokerContext } from "./answers/answers.js";
import { Connection } from "./connection.js";

/** Stands in for the connections of @platformatic/kafka: requests go to the simulated brokers, which answer as real ones do. */
export class SimulatedClient implements ClusterClient {
  readonly #context: Omit<BrokerContext, "node">;
  readonly #chance: Chance;
  readonly #connections = new Map<string, Connection>();
  #closed = false;

  constructor(context: Omit<BrokerContext, "node">, chance: Chance) {
    this.#context = context;
    this.#chance = chance;
  }

  async request<Name extends RequestName>({ broker, lane = "main" }: Destination, name: Name, ...args: Arguments<Name>): Promise<Answer<Name>> {
    const node = broker === "any" ? this.#chance.pick(NODES) : broker;
    const connection = await this.#connect(`${lane} ${node}`);
    // the one for `name`, which the compiler cannot tell from those of others
    const answer = answers[name] as Answerer<Name> | undefined;
    if (answer === undefined) throw new Error(`the simulated brokers do not answer ${name}`);
    const turn = connection.nextTurn();
    const act = () => turn(async () => answer({ ...this.#context, node }, ...args));
    try {
      return await Promise.race([this.#context.wire.request(troubleOf(name, args), () => connection.isOpen, act), connection.lost]);
    } catch (error) {
      if (!(error instanceof ConnectionLost)) throw error;
      connection.lose();
      throw new ConnectionFault("the connection was closed", { sent: true });
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const connection of this.#connections.values()) connection.lose();
  }

  async #connect(id: string): Promise<Connection> {
    const existing = this.#connections.get(id);
    if (existing?.isOpen) return existing;
    await this.#context.wire
      .request(
        "connect",
        () => !this.#closed,
        () => {},
      )
      .catch(() => {
        throw new ConnectionFault("connect ECONNREFUSED", { sent: false });
      });
    if (this.#closed) throw new ConnectionFault("the client is closed", { sent: false });
    // another request may have opened it meanwhile
    const opened = this.#connections.get(id);
    if (opened?.isOpen) return opened;
    const connection = new Connection();
    this.#connections.set(id, connection);
    return connection;
  }
}

const TROUBLES: Partial<Record<RequestName, Trouble>> = {
  Produce: "send",
  OffsetCommit: "commit",
  Fetch: "fetch",
  Metadata: "admin",
  OffsetFetch: "admin",
  ListOffsets: "admin",
  CreateTopics: "admin",
  DescribeConfigs: "admin",
};

function troubleOf(name: RequestName, args: readonly unknown[]): Trouble {
  const messages = args[2];
  const isDeadLetter = name === "Produce" && Array.isArray(messages) && messages.some(({ topic }: { topic: string }) => topic.endsWith(".dlq"));
  return isDeadLetter ? "deadLetter" : (TROUBLES[name] ?? "connect");
}
