import { runConnector, secret } from "@org/bus-connect";
import { closeOnSignal, createBus } from "@org/bus-core";
import { kafka } from "@org/bus-kafka";
import { outboxConnector } from "./connector.js";

/*
 * The relay, a process of its own: KAFKA_BROKERS and OUTBOX_POSTGRES_URL say where, the argument is the name of the connector.
 */

const [name = "outbox"] = process.argv.slice(2);
const bus = createBus({ service: "outbox-relay", transport: kafka() });
closeOnSignal(bus);
const running = runConnector(bus, outboxConnector(name, secret("OUTBOX_POSTGRES_URL")));
await running.finished;
