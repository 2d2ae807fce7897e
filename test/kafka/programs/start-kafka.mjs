// Starts a Kafka, says where it is, and waits to be killed.
import { startKafka } from "@org/bus-testkit/kafka";

const cluster = await startKafka();
process.stdout.write(`${cluster.brokers[0]}\n`);
setInterval(() => {}, 60_000);
