import { connectRecord } from "@org/bus-connect";
import { describe, expect, it } from "vitest";
import { rabbitmqSink } from "./rabbitmq-sink.js";

describe("rabbitmqSink", () => {
  it.each(["exchange", "routingKey", "content"])("refuses a record whose %s is a promise, whose rejection would end the process", (option) => {
    const url = "amqp://localhost";
    // as in JavaScript, or behind a cast
    const promised = { [option]: () => Promise.reject(new Error("boom")) } as object;
    const sink = rabbitmqSink({ url, routingKey: "queue", ...promised });
    expect(() => sink.checkRecord?.(connectRecord({ value: 1, id: "1" }))).toThrow(
      `${option} of rabbitmqSink must answer at once, and answered a promise`,
    );
  });
});
