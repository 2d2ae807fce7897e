import { expect, test } from "vitest";
import { toKafkajsSasl } from "./sasl.js";

test("toKafkajsSasl hands users on as they are, and tokens by a provider", async () => {
  const user = { mechanism: "scram-sha-256", username: "alice", password: "p" } as const;
  expect(toKafkajsSasl(user)).toEqual(user);
  const bearer = toKafkajsSasl({ mechanism: "oauthbearer", token: async () => "the token" });
  expect(bearer.mechanism === "oauthbearer" && (await bearer.oauthBearerProvider())).toEqual({ value: "the token" });
});
