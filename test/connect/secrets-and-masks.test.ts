import { inspect } from "node:util";
import { applyTransform, defineConnector, MemoryPositions, mask, runConnector, type Sink, type Source, secret, secretOption } from "@org/bus-connect";
import { createBus } from "@org/bus-core";
import { compileContracts } from "@org/bus-core/compiler";
import { resolveOptions } from "@org/bus-core/internal";
import { expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { describeText } from "../contracts/support/compile-text.js";
import { canary } from "../support/canary.js";

it("a secret shows in no status, log or error, whoever prints what", async () => {
  process.env.TEST_SECRET = "hunter2-is-the-word";
  onTestFinished(() => void delete process.env.TEST_SECRET);
  const password = secret("TEST_SECRET");
  const schema = z.strictObject({ connection: z.strictObject({ password: secretOption, user: z.string() }) });
  const options = resolveOptions("sink", schema, { connection: { password, user: "ada" } });
  const output: string[] = [
    inspect(options, { depth: 9, showHidden: true }),
    JSON.stringify(options),
    String(options.connection.password),
    `${password}`,
  ];
  // one that was given as it is, in the place of a reference
  const refusal = (() => {
    try {
      resolveOptions("sink", schema, { connection: { password: "hunter2-is-the-word", user: 3 } });
      return "";
    } catch (error) {
      return inspect(error, { depth: 9 });
    }
  })();
  expect(refusal).toContain("must be a secret by reference");
  output.push(refusal);
  const log = (fields: object, message: string) => void output.push(inspect(fields, { depth: 9 }), message);
  const source: Source<number> = { name: "s", replayable: true, bounded: true, async *read() {} };
  const sink: Sink<number> = { name: "k", open: async () => Promise.reject(new Error(`no access for ada with ${options.connection.password}`)) };
  await using bus = createBus({ service: "t", logger: { debug: log, info: log, warn: log, error: log } });
  const connector = defineConnector({ name: "c", source, sink, restart: { attempts: 0 } });
  const running = runConnector(bus, connector, { positions: new MemoryPositions() });
  await running.finished.catch((error: unknown) => output.push(inspect(error, { depth: 9 })));
  output.push(JSON.stringify(running.status()), inspect(connector, { depth: 9, showHidden: true }), inspect(running.status(), { depth: 9 }));
  expect(output.join("\n")).toContain("secret(environment TEST_SECRET)");
  expect(output.filter((text) => text.includes("hunter2"))).toEqual([]);
  expect(password.reveal()).toBe("hunter2-is-the-word");
});

it("mask hides what a contract marks as sensitive, in messages within messages and in oneofs", async () => {
  const text = `
    syntax = "proto3";
    package t.v1;
    import "org/bus/v1/options.proto";
    message Person {
      string id = 1;
      string e_mail = 2 [(org.bus.v1.sensitive) = true];
      Person next = 3;
      repeated Person friends = 4;
      oneof pay { string card = 5 [(org.bus.v1.sensitive) = true]; string voucher = 6; }
      int64 income = 7 [(org.bus.v1.sensitive) = true];
    }`;
  const registry = compileContracts(await describeText({ "t/v1/t.proto": text }));
  const contract = registry.contract("t.v1.Person");
  const person = (id: string, more: object = {}) => ({ id, eMail: `${canary}${id}@example.org`, friends: [], income: 5n, ...more });
  const value = person("a", {
    next: person("b", { pay: { case: "voucher", value: "v" } }),
    friends: [person("c")],
    pay: { case: "card", value: `${canary}4111` },
  });
  const [masked] = await applyTransform(mask<object>(contract), [value]);
  const hidden = (id: string, more: object = {}) => ({ id, eMail: "***", friends: [], income: 0n, ...more });
  expect(masked?.value).toEqual(
    hidden("a", { next: hidden("b", { pay: { case: "voucher", value: "v" } }), friends: [hidden("c")], pay: { case: "card", value: "***" } }),
  );
});
