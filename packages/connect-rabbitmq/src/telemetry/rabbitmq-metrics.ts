import { BUS_CONNECTOR } from "@org/bus-connect/metrics";
import { defineMetrics } from "@org/bus-core/internal";

/** Every metric of this package. */
export const rabbitmqMetrics = defineMetrics({
  blocked: {
    name: "bus.connect.rabbitmq.blocked",
    kind: "upDownCounter",
    unit: "{connection}",
    description: "Connections whose messages the broker does not take, because it is short of memory or of disk.",
    attributes: [BUS_CONNECTOR],
  },
});
