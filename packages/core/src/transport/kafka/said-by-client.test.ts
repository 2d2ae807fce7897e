import { describe, expect, it } from "vitest";
import { saidByClient } from "./said-by-client.js";

describe("saidByClient", () => {
  it.each([
    [new Error("Not enough replicas."), "not enough replicas"],
    ["SASL PLAIN authentication failed", "SASL PLAIN authentication failed"],
    [new Error("Closed connection"), "closed connection; where that happens each time, the broker may want TLS or a login: see ssl and sasl"],
  ])("%s", (error, said) => {
    expect(saidByClient(error)).toBe(said);
  });
});
