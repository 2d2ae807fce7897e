import type { AnyContract } from "@org/bus-core";
import { expect, it } from "vitest";
import type { Sink } from "../sink/sink.js";
import type { Source } from "../source/source.js";
import { fromTopic } from "../topic/from-topic.js";
import { toTopic } from "../topic/to-topic.js";
import { declared, defineConnector } from "./define-connector.js";
import { ownerOf } from "./owner-of.js";

const ownedBy = (team: string): AnyContract => ({
  typeName: `lab.v1.${team}`,
  topic: { name: `lab.${team}`, partitions: 1, cleanup: "delete", owner: { team, channel: `#${team}` } },
  sensitiveFields: [],
  validate: () => [],
  encode: () => new Uint8Array(),
  decode: () => ({}),
  key: () => null,
});
const source: Source<object> = {
  name: "feed",
  replayable: false,
  read: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error("never read")) }) }),
};
const sink: Sink<unknown> = { name: "table", open: () => Promise.reject(new Error("never opened")) };

it.each([
  ["the topic that it writes", { source: fromTopic(ownedBy("readers")), sink: toTopic(ownedBy("writers")) }, "writers"],
  ["the topic that it reads, where it writes none", { source: fromTopic(ownedBy("readers")), sink }, "readers"],
  ["what it says itself", { source, sink: toTopic(ownedBy("writers")), owner: { team: "lab", channel: "#lab" } }, "lab"],
])("takes the owner from %s", (_, parts, team) => {
  expect(ownerOf(declared(defineConnector({ name: "x", ...parts })))).toEqual({ team, channel: `#${team}` });
});

it("knows none of a connector without topics that names none", () => {
  expect(ownerOf(declared(defineConnector({ name: "x", source, sink })))).toBeUndefined();
});
