import type { Logger } from "@org/bus-core";
import { type LogEntry, logLevel } from "kafkajs";
import { describe, expect, test } from "vitest";
import { toKafkajsLog } from "./log.js";

/** The log of kafkajs at a time that the test sets, and the lines that come out. */
function logAt() {
  const lines: string[] = [];
  const line = (level: string) => (fields: object, message: string) => void lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const logger: Logger = { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
  const time = { now: 0 };
  const write = toKafkajsLog(logger, { now: () => time.now, schedule: () => () => {} });
  const say = (message: string, fields: object, namespace = "Connection"): void => {
    const entry: LogEntry = {
      namespace,
      level: logLevel.ERROR,
      label: "ERROR",
      log: { message, timestamp: "", logger: "kafkajs", stack: "at x", ...fields },
    };
    write(entry);
  };
  return { lines, time, say };
}

const REFUSED = "Connection error: connect ECONNREFUSED";

describe("toKafkajsLog", () => {
  test("says once in 10 s that an address cannot be reached, then how often it did not say so", () => {
    const { lines, time, say } = logAt();
    for (time.now = 0; time.now < 10_000; time.now += 1_000) say(REFUSED, { broker: "a:1" });
    expect(lines).toEqual([`warn ${REFUSED} {"client":"Connection","broker":"a:1"}`]);
    say(REFUSED, { broker: "a:1" });
    time.now = 20_000;
    say(REFUSED, { broker: "a:1" });
    expect(lines.slice(1)).toEqual([
      `warn ${REFUSED} {"client":"Connection","broker":"a:1","suppressed":9}`,
      `warn ${REFUSED} {"client":"Connection","broker":"a:1"}`,
    ]);
  });

  test("counts each address by itself, and all its connection trouble together", () => {
    const { lines, time, say } = logAt();
    say(REFUSED, { broker: "a:1" });
    say(REFUSED, { broker: "b:1" });
    say("Connection timeout", { broker: "a:1" });
    time.now = 10_000;
    say("Connection timeout", { broker: "a:1" });
    expect(lines).toEqual([
      `warn ${REFUSED} {"client":"Connection","broker":"a:1"}`,
      `warn ${REFUSED} {"client":"Connection","broker":"b:1"}`,
      'warn Connection timeout {"client":"Connection","broker":"a:1","suppressed":1}',
    ]);
  });

  test("holds back nothing of what is for debugging", () => {
    const { lines, say } = logAt();
    for (let time = 0; time < 2; time++) say("Response Produce(key: 0, version: 7)", { broker: "a:1" });
    for (let time = 0; time < 2; time++) say("[Connection] rebalancing", {}, "ConsumerGroup");
    expect(lines.map((each) => each.slice(0, 14))).toEqual(["debug Response", "debug Response", "debug [Connect", "debug [Connect"]);
  });
});
