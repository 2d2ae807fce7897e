import { BusError, type OutgoingRecord, type SendOutcome, systemClock } from "@org/bus-core";
import type { RecordMetadata } from "kafkajs";
import { describe, expect, test } from "vitest";
import { Backoff } from "../client/backoff.js";
import { SendExpired } from "./failure.js";
import { LeaderMoved } from "./partition-leaders.js";
import type { PartitionQueue } from "./partition-queue.js";
import { Send, type Session } from "./send.js";

const protocolError = (type: string, retriable = false) =>
  Object.assign(new Error(`says ${type}`), { name: "KafkaJSProtocolError", type, retriable });
const connectionClosed = () => Object.assign(new Error("Closed connection"), { name: "KafkaJSConnectionClosedError", retriable: true });

type Answer = Error | "acknowledge";

/** Answers requests as scripted, then acknowledges; remembers the partitions and sizes of each. */
class ScriptedSession implements Session {
  readonly principal = "user alice";
  readonly clock = systemClock;
  readonly backoff = new Backoff(systemClock, Math.random);
  readonly requests: string[] = [];
  renewals = 0;
  leaders = new Map([
    [0, 1],
    [1, 1],
    [2, 2],
  ]);
  readonly #script: ((request: string) => Answer)[];

  constructor(...script: (Answer | ((request: string) => Answer))[]) {
    this.#script = script.map((answer) => (typeof answer === "function" ? answer : () => answer));
  }

  async request(queues: readonly PartitionQueue[]): Promise<readonly RecordMetadata[]> {
    const request = queues
      .map(({ topic, partition, messages }) => `${topic}${partition}:${messages.map(({ record }) => record.value).join("")}`)
      .join(" ");
    this.requests.push(request);
    const answer = this.#script.shift()?.(request) ?? "acknowledge";
    if (answer !== "acknowledge") throw answer;
    return queues.map(({ topic, partition }) => ({ topicName: topic, partition, errorCode: 0, baseOffset: "10" }));
  }

  leader(_topic: string, partition: number): number | undefined {
    return this.leaders.get(partition);
  }

  renew(): void {
    this.renewals++;
    this.requests.push("renew");
  }
}

/** `a0` is a record with value `a` for partition 0. */
const records = (...texts: string[]): OutgoingRecord[] =>
  texts.map((text) => ({ topic: "t", partition: Number(text.slice(1)), key: null, value: Buffer.from(text.slice(0, 1)), headers: {}, timestamp: 1 }));

const run = (session: Session, texts: string[], timeoutMs = 5_000) => new Send(session, records(...texts), timeoutMs).run();

const summary = (outcomes: readonly SendOutcome[]) =>
  outcomes.map((outcome) => (outcome.ok ? outcome.offset : `${outcome.error.code}${outcome.error.mayHaveBeenWritten ? ", perhaps written" : ""}`));

describe("Send", () => {
  test("sends the partitions of a leader together, and outcomes at the index of each record", async () => {
    const session = new ScriptedSession();
    expect(summary(await run(session, ["a0", "b1", "c2", "d0"]))).toEqual([10, 10, 10, 11]);
    expect(session.requests).toEqual(["t0:ad t1:b", "t2:c"]);
  });

  test("repeats what was not answered with the same records and the same producer", async () => {
    const session = new ScriptedSession(connectionClosed(), connectionClosed());
    expect(summary(await run(session, ["a0", "b0"]))).toEqual([10, 11]);
    expect(session.requests).toEqual(["t0:ab", "t0:ab", "t0:ab"]);
  });

  test.each(["NOT_LEADER_FOR_PARTITION", "REQUEST_TIMED_OUT"])(
    "says of a record that met %s until its time was over that it may be in the log, and uses its sequence numbers no more",
    async (type) => {
      const session = new ScriptedSession(...Array.from({ length: 100 }, () => protocolError(type, true)));
      expect(summary(await run(session, ["a0"], 50))).toEqual(["publish_failed, perhaps written"]);
      expect(session.renewals).toBe(1);
    },
  );

  test("groups anew when a leader has moved, at once and without harm", async () => {
    const session = new ScriptedSession(() => {
      session.leaders.set(1, 2);
      return new LeaderMoved("t", 1);
    });
    expect(summary(await run(session, ["a0", "b1"]))).toEqual([10, 10]);
    expect(session.requests).toEqual(["t0:a t1:b", "t0:a", "t1:b"]);
  });

  test("finds out which partition an answer was about, and fails that one alone", async () => {
    const denied = protocolError("TOPIC_AUTHORIZATION_FAILED");
    const session = new ScriptedSession(denied, "acknowledge", denied);
    const outcomes = await run(session, ["a0", "b1"]);
    expect(summary(outcomes)).toEqual([10, "not_authorized"]);
    expect(session.requests).toEqual(["t0:a t1:b", "t0:a", "t1:b"]);
    const [, failed] = outcomes;
    expect(failed?.ok === false && failed.error.message).toBe(
      "user alice may not write to topic t: says TOPIC_AUTHORIZATION_FAILED; grant it with an ACL of the cluster",
    );
  });

  test("halves a batch that is too large until the record that is to blame is alone", async () => {
    const session = new ScriptedSession();
    session.request = async (queues) => {
      const [queue] = queues;
      const text = queue?.messages.map(({ record }) => record.value).join("") ?? "";
      session.requests.push(text);
      if (text.includes("X")) throw protocolError("MESSAGE_TOO_LARGE");
      return [{ topicName: "t", partition: 0, errorCode: 0, baseOffset: "5" }];
    };
    expect(summary(await run(session, ["a0", "b0", "X0", "d0"]))).toEqual([5, 6, "record_too_large", 5]);
    expect(session.requests).toEqual(["abXd", "ab", "Xd", "X", "d"]);
  });

  test.each([
    ["INVALID_RECORD", "this record has failed the validation"],
    ["INVALID_TIMESTAMP", "the timestamp is out of range"],
  ])("writes the others in order when the broker refuses a batch with %s for one record", async (type, reason) => {
    const refused = Object.assign(protocolError(type), { message: reason });
    const session = new ScriptedSession(...Array.from({ length: 9 }, () => (request: string) => (request.includes("X") ? refused : "acknowledge")));
    const outcomes = await run(session, ["a0", "b0", "X0", "d0", "e1"]);
    expect(summary(outcomes)).toEqual([10, 11, "publish_failed", 10, 10]);
    expect(session.requests).toEqual(["t0:abXd t1:e", "t0:abXd", "t1:e", "t0:ab", "t0:Xd", "t0:X", "t0:d"]);
    const failed = outcomes[2];
    expect(failed?.ok === false && failed.error).toMatchObject({
      retryable: false,
      mayHaveBeenWritten: false,
      message: `cannot write to topic t: ${reason}`,
    });
  });

  test("takes new sequence numbers when the broker refuses those it has, if nothing is in doubt", async () => {
    const session = new ScriptedSession(protocolError("OUT_OF_ORDER_SEQUENCE_NUMBER"));
    expect(summary(await run(session, ["a0"]))).toEqual([10]);
    expect(session.requests).toEqual(["t0:a", "renew", "t0:a"]);
  });

  test("does not write again under new sequence numbers what may have been written", async () => {
    const session = new ScriptedSession(connectionClosed(), protocolError("UNKNOWN_PRODUCER_ID"));
    expect(summary(await run(session, ["a0"]))).toEqual(["publish_failed, perhaps written"]);
    expect(session.requests).toEqual(["t0:a", "t0:a", "renew"]);
  });

  test("settles what is in doubt before it takes new sequence numbers", async () => {
    const session = new ScriptedSession(connectionClosed(), protocolError("OUT_OF_ORDER_SEQUENCE_NUMBER"), connectionClosed());
    expect(summary(await run(session, ["a0", "c2"]))).toEqual([10, 10]);
    expect(session.requests).toEqual(["t0:a", "t2:c", "t0:a", "t0:a", "renew", "t2:c"]);
  });

  test("tells in time what may have been written and what was not", async () => {
    const session = new ScriptedSession(new SendExpired("no answer in time"));
    const outcomes = await run(session, ["a0", "c2"]);
    expect(summary(outcomes)).toEqual(["publish_failed, perhaps written", "publish_failed"]);
    expect(session.requests).toEqual(["t0:a", "renew"]);
    const [first, second] = outcomes.map((outcome) => (outcome.ok ? undefined : outcome.error));
    expect(first).toBeInstanceOf(BusError);
    expect(first?.message).toBe("a record for t[0] was not acknowledged in time; it may be in the log all the same");
    expect(second?.message).toBe("a record for t[2] was not acknowledged in time; it is not in the log");
  });

  test("gives a topic a second to become known", async () => {
    const missing = () => protocolError("UNKNOWN_TOPIC_OR_PARTITION", true);
    const late = new ScriptedSession(missing(), missing());
    expect(summary(await run(late, ["a0"]))).toEqual([10]);
    const never = new ScriptedSession(...Array.from({ length: 50 }, missing));
    const [outcome] = await run(never, ["a0"]);
    expect(outcome?.ok === false && outcome.error.message).toBe(
      "cannot write to topic t: the topic or partition does not exist on the cluster; create it with bus.topics.ensure([...contracts])",
    );
  });
});
