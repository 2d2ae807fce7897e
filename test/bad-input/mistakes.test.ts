import { BusError } from "@org/bus-core";
import { describe, expect, it } from "vitest";
import { mistakes } from "./mistakes.js";

describe("what people are told of their mistakes", () => {
  it.each(mistakes)("%s", async (_, message, make) => {
    const error: unknown = await (async () => make())().then(
      (made) => new Error(`nothing was refused: ${String(made)}`),
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(BusError);
    expect(error).toMatchObject({ code: "invalid_options", message });
  });

  it("is told of sixty mistakes and more", () => {
    expect(mistakes.length).toBeGreaterThanOrEqual(60);
  });
});
