import { createBus, createMemoryBroker, type HandlerOptions, memory, type PublishOptions } from "@org/bus-core";
import { type KafkaOptions, kafka } from "@org/bus-kafka";
import { kafka as platformatic } from "@org/bus-kafka-platformatic";
import { batchMessages, filterMessages, mapKeyed, mapKeyedBatches, stream } from "@org/bus-streams";
import { Step } from "../contracts/gen/streams/v1/step.js";

/** Somebody's mistake: how it is described, the message that they see, and what runs into it. */
export type Mistake = readonly [what: string, message: string, make: () => unknown];

// mistakes are what the types refuse: the tests say what people without them, or past them, are told
const wrong = <T>(value: unknown): T => value as T;

const inEnvironment = (variables: Readonly<Record<string, string>>, make: () => unknown) => () => {
  const before = { ...process.env };
  Object.assign(process.env, variables);
  try {
    return make();
  } finally {
    process.env = before;
  }
};

const onBus = (use: (bus: ReturnType<typeof createBus>) => unknown) => async () => {
  await using bus = createBus({ service: "mistakes", transport: memory() });
  await bus.topics.ensure([Step]);
  return await use(bus);
};

const bus = (options: unknown) => () => createBus(wrong(options));
const handler = () => {};
const consume = (options: unknown, handle: unknown = handler, contract: unknown = Step) =>
  onBus((each) => each.consume(wrong<typeof Step>(contract), wrong<HandlerOptions>(options), wrong(handle)));
const publish = (options: unknown) => onBus((each) => each.publish(Step, { track: "a", position: 1 }, wrong<PublishOptions>(options)));
const overKafka = (options: unknown) => () => kafka(wrong<KafkaOptions>(options));
const overPlatformatic = (options: object) => () => platformatic(wrong<KafkaOptions>({ brokers, ...options }));
const brokers = ["localhost:9092"];

export const mistakes: readonly Mistake[] = [
  ["a bus without options", "createBus: options is required", bus(undefined)],
  ["a bus without a name", "createBus: service is required", bus({})],
  ["a bus with an empty name", 'createBus: service "" must not be empty', bus({ service: "" })],
  [
    "a bus with a misspelt option",
    "createBus: transprot is not an option of createBus (is transport meant?)",
    bus({ service: "a", transprot: memory() }),
  ],
  [
    "a bus on something that is no transport",
    'createBus: transport "kafka" must be a Transport, such as memory() or kafka({ brokers })',
    bus({ service: "a", transport: "kafka" }),
  ],
  [
    "a bus with console.log for a logger",
    "createBus: logger must have the methods debug, info, warn and error",
    bus({ service: "a", logger: console.log }),
  ],
  ["a bus with a clock that is none", "createBus: clock must be a Clock", bus({ service: "a", clock: Date })],
  [
    "a bus with several faults",
    "createBus: service 7 must be a string; publish.lingerMs -1 must be >= 0; publish.maxBatchRecords 0.5 must be an integer; retries is not an option of createBus (there are service, transport, publish, logger, clock, random)",
    bus({ service: 7, publish: { lingerMs: -1, maxBatchRecords: 0.5 }, retries: 3 }),
  ],
  ["publish options out of bounds", "createBus: publish.deliveryTimeoutMs 0 must be >= 1", bus({ service: "a", publish: { deliveryTimeoutMs: 0 } })],
  [
    "publish options of a wrong type",
    'createBus: publish.maxBatchBytes "1MB" must be a finite number',
    bus({ service: "a", publish: { maxBatchBytes: "1MB" } }),
  ],
  [
    "a publish option in seconds",
    "createBus: publish.linger is not an option of createBus (there are lingerMs, maxBatchRecords, maxBatchBytes, maxBufferedBytes, deliveryTimeoutMs)",
    bus({ service: "a", publish: { linger: 5 } }),
  ],
  ["a timestamp that is a Date", "publish: timestamp must be an integer >= 0, in ms since the epoch", publish({ timestamp: new Date(0) })],
  ["a timestamp that is NaN", "publish: timestamp NaN must be an integer >= 0, in ms since the epoch", publish({ timestamp: Number.NaN })],
  ["a header that is a number", "header retries must be a string or a Uint8Array, is number", publish({ headers: { retries: 3 } })],
  ["a signal that is a controller", "publish: signal must be an AbortSignal", publish({ signal: new AbortController() })],
  ["a delivery timeout below 0", "publish: deliveryTimeoutMs -5 must be > 0", publish({ deliveryTimeoutMs: -5 })],
  [
    "a publish option that does not exist",
    "publish: key is not an option of publish (there are headers, timestamp, signal, deliveryTimeoutMs)",
    publish({ key: "a" }),
  ],
  ["no consume options", "consume: options is required", consume(undefined)],
  ["no group", "consume: group is required", consume({})],
  ["an empty group", 'consume: group "" must not be empty', consume({ group: "" })],
  [
    "a group too long for its dead-letter topic",
    `the dead-letter topic streams.steps.${"g".repeat(300)}.dlq has 318 characters, and a topic name has at most 249; shorten the group, or set failure.otherwise to "stop"`,
    consume({ group: "g".repeat(300) }),
  ],
  ["a misspelt concurrency", "consume: concurency is not an option of consume (is concurrency meant?)", consume({ group: "g", concurency: 5 })],
  ["concurrency 0", "consume: concurrency 0 must be >= 1", consume({ group: "g", concurrency: 0 })],
  ["concurrency as text", 'consume: concurrency "5" must be a finite number', consume({ group: "g", concurrency: "5" })],
  [
    "concurrency without end",
    "consume: concurrency Infinity must be a finite number",
    consume({ group: "g", concurrency: Number.POSITIVE_INFINITY }),
  ],
  ["half a handler", "consume: concurrency 1.5 must be an integer", consume({ group: "g", concurrency: 1.5 })],
  ["an order that does not exist", 'consume: order "keys" must be "key", "partition" or "none"', consume({ group: "g", order: "keys" })],
  ["a start that does not exist", 'consume: from "beginning" must be "earliest", "latest" or a Date', consume({ group: "g", from: "beginning" })],
  [
    "a start at an invalid date",
    'consume: from Invalid Date must be "earliest", "latest" or a Date',
    consume({ group: "g", from: new Date("yesterday") }),
  ],
  ["a start at a number", 'consume: from 0 must be "earliest", "latest" or a Date', consume({ group: "g", from: 0 })],
  [
    "an out-of-range policy that does not exist",
    'consume: outOfRange "reset" must be "stop", "earliest" or "latest"',
    consume({ group: "g", outOfRange: "reset" }),
  ],
  ["no attempts", "consume: failure.attempts 0 must be >= 1", consume({ group: "g", failure: { attempts: 0 } })],
  ["a jitter in per cent", "consume: failure.jitter 20 must be <= 1", consume({ group: "g", failure: { jitter: 20 } })],
  [
    "a failure policy that does not exist",
    'consume: failure.otherwise "ignore" must be "deadLetter" or "stop"',
    consume({ group: "g", failure: { otherwise: "ignore" } }),
  ],
  [
    "a backoff below 0",
    "consume: failure.initialBackoffMs -1 must be >= 0; failure.maxBackoffMs -1 must be >= 0",
    consume({ group: "g", failure: { initialBackoffMs: -1, maxBackoffMs: -1 } }),
  ],
  ["a credit of nothing", "consume: credit.maxUnsettled 0 must be >= 1", consume({ group: "g", credit: { maxUnsettled: 0 } })],
  [
    "a credit that does not exist",
    "consume: credit.maxInFlight is not an option of consume (there are maxUnsettled, maxUnsettledBytes, maxOffsetSpan, maxWaitingPerKey)",
    consume({ group: "g", credit: { maxInFlight: 10 } }),
  ],
  ["a commit interval of 0", "consume: commitIntervalMs 0 must be >= 1", consume({ group: "g", commitIntervalMs: 0 })],
  ["a drain timeout below 0", "consume: drainTimeoutMs -1 must be >= 0", consume({ group: "g", drainTimeoutMs: -1 })],
  ["a handler timeout of 0", "consume: handlerTimeoutMs 0 must be >= 1", consume({ group: "g", handlerTimeoutMs: 0 })],
  ["no handler", "consume: handler must be a function, is null", consume({ group: "g" }, null)],
  ["the result of a handler for a handler", "consume: handler must be a function, is string", consume({ group: "g" }, "done")],
  ["no contract", "contract must be the contract of a message, as bus gen writes it, is null", consume({ group: "g" }, handler, null)],
  [
    "a topic name for a contract",
    "contract must be the contract of a message, as bus gen writes it, is streams.steps",
    consume({ group: "g" }, handler, "streams.steps"),
  ],
  ["no contracts in a list", "a stream needs at least one contract", consume({ group: "g" }, handler, [])],
  [
    "a contract without a topic",
    "streams.v1.Step has no topic: declare one on the message with option (org.bus.v1.topic)",
    consume({ group: "g" }, handler, { ...Step, topic: undefined }),
  ],
  [
    "two streams of one group that read different topics",
    "group g already consumes streams.steps in this process and cannot also consume other; give each its own group, or consume all contracts in one stream",
    onBus((each) => {
      each.consume(Step, { group: "g" }, handler);
      return each.consume({ ...Step, topic: { ...wrong<object>(Step.topic), name: "other" } } as typeof Step, { group: "g" }, handler);
    }),
  ],
  ["a stream without a group", "stream: group is required", onBus((each) => stream(each, Step, wrong({})))],
  ["a stream on something that is no bus", "the bus must be one that createBus has made", () => stream(wrong({}), Step, { group: "g" }).run()],
  ["mapKeyed without a function", "mapKeyed needs a function to call, has undefined", () => mapKeyed(wrong<() => void>(undefined))],
  ["mapKeyed with concurrency below 1", "mapKeyed: concurrency -1 must be a whole number >= 1", () => mapKeyed(handler, { concurrency: -1 })],
  [
    "mapKeyed with a field name for a key",
    'mapKeyed: key "track" must be a function',
    () => mapKeyed<unknown, void>(handler, wrong({ key: "track" })),
  ],
  [
    "mapKeyedBatches with an empty batch",
    "mapKeyedBatches: maxBatch 0 must be a whole number >= 1",
    () => mapKeyedBatches<unknown, unknown>(wrong(handler), { maxBatch: 0 }),
  ],
  [
    "batchMessages without a size",
    "batchMessages: maxSize undefined must be a whole number >= 1; maxWaitMs undefined must be a whole number >= 1",
    () => batchMessages(wrong({})),
  ],
  [
    "filterMessages without a function",
    "filterMessages needs a function to call, has string",
    () => filterMessages(wrong<() => boolean>("magnitude > 4")),
  ],
  ["a memory transport on no broker", "memory: broker must be made by createMemoryBroker", () => memory(wrong({ broker: {} }))],
  ["a memory transport with a latency upside down", "memory: latencyMs must have min <= max", () => memory(wrong({ latencyMs: { min: 5, max: 1 } }))],
  [
    "a memory broker with a session of 0 ms",
    "createMemoryBroker: sessionTimeoutMs 0 must be >= 1",
    () => createMemoryBroker({ sessionTimeoutMs: 0 }),
  ],
  ["no brokers", "kafka: brokers is required (pass the option or set KAFKA_BROKERS)", inEnvironment({ KAFKA_BROKERS: "" }, overKafka({}))],
  ["an empty list of brokers", "kafka: brokers is required (pass the option or set KAFKA_BROKERS)", overKafka({ brokers: [] })],
  [
    "a broker without a port",
    'kafka: brokers.0 must be "host:port" with a port from 1 to 65535, is "localhost"',
    overKafka({ brokers: ["localhost"] }),
  ],
  [
    "a broker with a port that is none",
    'kafka: brokers.0 must be "host:port" with a port from 1 to 65535, is "localhost:99999"',
    overKafka({ brokers: ["localhost:99999"] }),
  ],
  [
    "a broker as an address of the web",
    'kafka: brokers.0 must be "host:port" with a port from 1 to 65535, is "https://localhost:9092"',
    overKafka({ brokers: ["https://localhost:9092"] }),
  ],
  ["brokers as one text", 'kafka: brokers must be a list such as ["localhost:9092"], is "localhost:9092"', overKafka({ brokers: "localhost:9092" })],
  [
    "brokers of the environment that are none",
    'kafka: brokers.0 must be "host:port" with a port from 1 to 65535, is "one:9092;two:9092"',
    inEnvironment({ KAFKA_BROKERS: "one:9092;two:9092" }, overKafka({})),
  ],
  [
    "an empty client id",
    'kafka: clientId "" must not be empty: the name of this process in the logs of the brokers',
    overKafka({ brokers, clientId: "" }),
  ],
  ["TLS by a word", 'kafka: ssl must be true, false or an object with ca, cert and key, is "yes"', overKafka({ brokers, ssl: "yes" })],
  [
    "TLS with a path for a certificate",
    "kafka: ssl.ca holds no PEM certificate; pass the content of a PEM file with a certificate, not its path",
    overKafka({ brokers, ssl: { ca: "/etc/ssl/ca.pem" } }),
  ],
  [
    "TLS with half a client certificate",
    "kafka: ssl has only one of cert and key; pass both for mutual TLS, or neither",
    overKafka({ brokers, ssl: { cert: "-----BEGIN CERTIFICATE-----\n" } }),
  ],
  [
    "TLS by the environment with another word",
    'kafka: KAFKA_SSL must be true, false, 1 or 0, is "maybe"; set it to true for TLS, or unset it',
    inEnvironment({ KAFKA_SSL: "maybe" }, overKafka({ brokers })),
  ],
  [
    "TLS by the environment with a file that is not there",
    "kafka: KAFKA_SSL_CA must name a readable PEM file, is no-such-file.pem",
    inEnvironment({ KAFKA_SSL_CA: "no-such-file.pem" }, overKafka({ brokers })),
  ],
  [
    "SASL by a mechanism that does not exist",
    "kafka: sasl.mechanism must be plain, scram-sha-256, scram-sha-512, oauthbearer or oauthbearer-client-credentials",
    overKafka({ brokers, sasl: { mechanism: "gssapi" } }),
  ],
  [
    "SASL without a password",
    "kafka: sasl.password is required: the password of the user (option sasl.password or KAFKA_SASL_PASSWORD)",
    overKafka({ brokers, sasl: { mechanism: "plain", username: "alice" } }),
  ],
  [
    "SASL by the environment without a user",
    "kafka: KAFKA_SASL_USERNAME is required with KAFKA_SASL_MECHANISM PLAIN; set it, or unset KAFKA_SASL_MECHANISM",
    inEnvironment({ KAFKA_SASL_MECHANISM: "PLAIN" }, overKafka({ brokers })),
  ],
  [
    "SASL by a password alone",
    "kafka: KAFKA_SASL_PASSWORD set without KAFKA_SASL_MECHANISM; set it to PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER, or unset KAFKA_SASL_PASSWORD",
    inEnvironment({ KAFKA_SASL_PASSWORD: "x" }, overKafka({ brokers })),
  ],
  [
    "a compression that cannot be written",
    'kafka: compression must be "none", "gzip" or "zstd", is "snappy"',
    overKafka({ brokers, compression: "snappy" }),
  ],
  [
    "a session shorter than Kafka allows",
    "kafka: consumer.sessionTimeoutMs must be a whole number of milliseconds from 1000 to 1800000, is 10",
    overKafka({ brokers, consumer: { sessionTimeoutMs: 10 } }),
  ],
  [
    "a fetch of nothing",
    "kafka: consumer.maxFetchBytes must be a whole number of bytes from 1024 to 2147483647, is 0",
    overKafka({ brokers, consumer: { maxFetchBytes: 0 } }),
  ],
  [
    "a request timeout beyond what timers can wait",
    "kafka: requestTimeoutMs must be a whole number of milliseconds from 100 to 2147483647, is 2147483648",
    overKafka({ brokers, requestTimeoutMs: 2 ** 31 }),
  ],
  [
    "an option of kafkajs",
    "kafka: has no option retry; its options are brokers, clientId, ssl, sasl, connectTimeoutMs, requestTimeoutMs, compression, consumer, logger",
    overKafka({ brokers, retry: { retries: 3 } }),
  ],
  [
    "a group protocol that does not exist",
    'kafka: consumer.groupProtocol must be "classic" or "consumer", is "kip-848"',
    overPlatformatic({ consumer: { groupProtocol: "kip-848" } }),
  ],
  [
    "an empty name of a static member",
    'kafka: consumer.instanceId must be 1 to 249 letters, digits, dots, hyphens and underscores, is ""',
    overPlatformatic({ consumer: { instanceId: "" } }),
  ],
  [
    "a compression that Kafka does not have",
    'kafka: compression must be "none", "gzip", "snappy", "lz4" or "zstd", is "brotli"',
    overPlatformatic({ compression: "brotli" }),
  ],
  [
    "a rebalance in seconds",
    "kafka: consumer.rebalanceTimeoutMs must be a whole number of milliseconds from 1000 to 1800000, is 60",
    overPlatformatic({ consumer: { rebalanceTimeoutMs: 60 } }),
  ],
  [
    "a group in the options of the connection",
    "kafka: consumer has no option groupId; its options are groupProtocol, instanceId, sessionTimeoutMs, rebalanceTimeoutMs, maxWaitMs, maxFetchBytes",
    overPlatformatic({ consumer: { groupId: "g" } }),
  ],
  [
    "an empty client id on @platformatic/kafka",
    'kafka: clientId "" must not be empty: the name of this process in the logs of the brokers',
    overPlatformatic({ clientId: "" }),
  ],
];
