import { readFileSync } from "node:fs";
import * as published from "@opentelemetry/semantic-conventions/incubating";
import { describe, expect, it } from "vitest";
import * as ours from "./semantic-conventions.js";

const deprecated = ["messaging.system", "messaging.kafka.offset", "messaging.kafka.message.key", "messaging.kafka.message.tombstone"];

describe("semantic conventions", () => {
  it("are those of the version that they name", () => {
    const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
    expect(ours.SEMANTIC_CONVENTIONS_VERSION).toBe(manifest.devDependencies["@opentelemetry/semantic-conventions"]);
  });

  it.each(Object.entries(ours).filter(([name]) => /^(MESSAGING|KAFKA|ERROR)_/.test(name)))("%s is a published name", (name, value) => {
    expect(value).toBe((published as Record<string, unknown>)[`ATTR_${name}`]);
    expect(deprecated).not.toContain(value);
  });

  it("name operations by their published types", () => {
    expect(ours.OPERATION_CREATE).toBe(published.MESSAGING_OPERATION_TYPE_VALUE_CREATE);
    expect(ours.OPERATION_SEND).toBe(published.MESSAGING_OPERATION_TYPE_VALUE_SEND);
    expect(ours.OPERATION_PROCESS).toBe(published.MESSAGING_OPERATION_TYPE_VALUE_PROCESS);
  });
});
