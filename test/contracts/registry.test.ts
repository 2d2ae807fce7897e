import { createBus } from "@org/bus-core";
import { beforeAll, describe, expect, it } from "vitest";
import { Person } from "./gen/topics/v1/topics.js";
import { loadContracts } from "./support/descriptors.js";

let registry: Awaited<ReturnType<typeof loadContracts>>;

beforeAll(async () => {
  registry = await loadContracts();
});

describe("a contract of a registry", () => {
  it("is the contract that bus gen writes", () => {
    const contract = registry.contract(Person.typeName);
    expect(registry.byTopic.get("people")).toBe(contract);
    const plain = ({ typeName, topic, sensitiveFields }: typeof contract) => ({ typeName, topic, sensitiveFields });
    expect(plain(contract)).toEqual(plain(Person));
    expect(contract.key({ id: { number: 5n } })).toEqual(Person.key({ id: { number: 5n } }));
    expect(contract.validate({ name: "too long a name", age: 200 })).toMatchObject(Person.validate({ name: "too long a name", age: 200 }));
  });

  it("is published to and consumed from as any other", async () => {
    await using bus = createBus({ service: "registry" });
    const contract = registry.contract(Person.typeName);
    await bus.topics.ensure([contract]);
    const { promise: received, resolve } = Promise.withResolvers<object | undefined>();
    bus.consume(contract, { group: "tools" }, (message) => resolve(message));
    await expect(bus.publish(contract, { id: {}, age: 1000 })).rejects.toMatchObject({ code: "contract_violation" });
    await bus.publish(contract, registry.fromJson(Person.typeName, '{"id": {"number": "7"}, "name": "Ada"}'));
    expect(await received).toMatchObject({ id: { number: 7n }, name: "Ada", contacts: new Map() });
  });
});
