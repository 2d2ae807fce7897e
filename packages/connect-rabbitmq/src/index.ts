export { type RabbitmqSinkOptions, rabbitmqSinkOptions } from "./sink/options.js";
export { rabbitmqSink } from "./sink/rabbitmq-sink.js";
export type { RabbitmqMessage } from "./source/message.js";
export { type RabbitmqSourceOptions, rabbitmqSourceOptions } from "./source/options.js";
export { rabbitmqSource } from "./source/rabbitmq-source.js";
