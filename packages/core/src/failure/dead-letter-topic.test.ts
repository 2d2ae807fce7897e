import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deadLetterTopic, escapeGroup } from "./dead-letter-topic.js";

describe("deadLetterTopic", () => {
  it("is made of the topic and the group", () => {
    expect(deadLetterTopic("quakes.v1", "quake-alerts")).toBe("quakes.v1.quake-alerts.dlq");
    expect(deadLetterTopic("t", "team a/ü.b_c")).toBe("t.team_20a_2f_c3_bc_2eb_5fc.dlq");
  });

  it("refuses a name that Kafka does not take", () => {
    const group = "g".repeat(244);
    expect(deadLetterTopic("", group)).toHaveLength(249);
    expect(() => deadLetterTopic("t", group)).toThrow(
      `the dead-letter topic t.${group}.dlq has 250 characters, and a topic name has at most 249; shorten the group, or set failure.otherwise to "stop"`,
    );
  });

  it("escapes every group to legal characters, and no two to the same", () => {
    const group = fc.string({ unit: fc.constantFrom("_", "2", "5", "f", " ", ".", "-", "ü", "/"), maxLength: 4 });
    fc.assert(
      fc.property(group, group, (one, other) => {
        expect(escapeGroup(one)).toMatch(/^[a-zA-Z0-9_-]*$/);
        expect(escapeGroup(one) === escapeGroup(other)).toBe(one === other);
      }),
    );
  });
});
