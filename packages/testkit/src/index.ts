export { type CheckDeliveriesOptions, checkDeliveries, type DeliveriesReport } from "./deliveries/check-deliveries.js";
export { countDuplicates, findCommitViolations, findExclusionViolations, findLost, findOrderViolations, maxConcurrent } from "./deliveries/checks.js";
export { createDeliveryRecorder, type DeliveryRecorder } from "./deliveries/create-delivery-recorder.js";
export type { DeliveryEvent, KeyedRecord, RecordPosition } from "./deliveries/event.js";
export { type TestBus, type TestBusOptions, testBus } from "./test-bus.js";
export { type VirtualClock, virtualClock } from "./virtual-clock.js";
