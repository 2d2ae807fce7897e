import { runConnector, secret, topicPositions } from "@org/bus-connect";
import { closeOnSignal, createBus } from "@org/bus-core";
import { kafka } from "@org/bus-kafka-platformatic";
import { outboxConnector } from "./connector.js";

/*
 * The relay, a process of its own: KAFKA_BROKERS and OUTBOX_POSTGRES_URL say where, the argument is the name of the connector.
 */

const [name = "outbox"] = process.argv.slice(2);
// a member with a name of its own has its splits back at once when it was killed, instead of after the session timeout
const bus = createBus({ service: "outbox-relay", transport: kafka({ consumer: { instanceId: name } }) });
closeOnSignal(bus);
// an outbox that is replicated is one split: its position needs one partition
const positions = topicPositions({ partitions: 1 });
const running = runConnector(bus, outboxConnector(name, secret("OUTBOX_POSTGRES_URL")), { positions });
await running.finished;
