import { inspect } from "node:util";
import type { AnyContract, BusError } from "@org/bus-core";
import { describe, expect, it } from "vitest";
import { Login, Person } from "../../../../test/contracts/gen/topics/v1/topics.js";
import { canary } from "../../../../test/support/canary.js";
import { rowReader } from "./read-row.js";

const read = rowReader<AnyContract>({ contracts: [Person, Login], json: (_, text) => JSON.parse(text) });
const errorOf = (type: string, payload: string) => {
  const made = read({ id: "7", aggregateid: "1", type, payload, headers: null }, undefined);
  return "error" in made ? (made.error as BusError) : undefined;
};

describe("rowReader", () => {
  it("says why a row cannot be read, and nothing of it where its message has sensitive fields", () => {
    const payload = `{"name": ${canary}`;
    const withheld = errorOf(Person.typeName, payload);
    expect(withheld?.message).toBe("outbox row 7: SyntaxError (what it says is withheld: topics.v1.Person has sensitive fields)");
    expect(inspect(withheld, { depth: null, showHidden: true })).not.toContain(canary);
    expect(errorOf(Login.typeName, "{session")?.message).toContain("outbox row 7: Expected property name");
    // contracts tell nothing of values
    expect(errorOf(Person.typeName, "\\x0a05")?.message).toContain("outbox row 7: bytes are no topics.v1.Person: 5 bytes are announced");
  });
});
