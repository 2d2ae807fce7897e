import { type KafkaSasl, requestToken } from "@org/bus-core/internal";
import type { SASLOptions } from "kafkajs";

/** What kafkajs takes. */
export function toKafkajsSasl(sasl: KafkaSasl): SASLOptions {
  switch (sasl.mechanism) {
    case "oauthbearer":
      return { mechanism: "oauthbearer", oauthBearerProvider: async () => ({ value: await sasl.token() }) };
    case "oauthbearer-client-credentials":
      return { mechanism: "oauthbearer", oauthBearerProvider: async () => ({ value: await requestToken(sasl) }) };
    default:
      return sasl;
  }
}
