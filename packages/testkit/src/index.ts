export { type CheckDeliveriesOptions, checkDeliveries, type DeliveriesReport } from "./deliveries/check-deliveries.js";
export { findCommitRegressions, findCommitViolations, findUncommitted } from "./deliveries/checks/commits.js";
export { maxConcurrent } from "./deliveries/checks/concurrency.js";
export { type CreditBound, findCreditViolations } from "./deliveries/checks/credit.js";
export { findShortDrains } from "./deliveries/checks/drains.js";
export { findExclusionViolations } from "./deliveries/checks/exclusion.js";
export { findFenceViolations } from "./deliveries/checks/fences.js";
export { countDuplicates, findLost } from "./deliveries/checks/lost.js";
export { findOrderViolations } from "./deliveries/checks/order.js";
export { findOrderViolationsInAssignments } from "./deliveries/checks/order-in-assignments.js";
export { findReadAheadViolations, type ReadAheadBound } from "./deliveries/checks/read-ahead.js";
export { findNeedlessRepeats } from "./deliveries/checks/repeats.js";
export {
  type Commit,
  type DeliveryEvent,
  type EventOf,
  type FenceReason,
  type InAssignment,
  isSettled,
  type KeyedRecord,
  type RecordPosition,
  type Work,
} from "./deliveries/event.js";
export { type ReadCompleted, readCompletedMap } from "./deliveries/read-completed-map.js";
export {
  createDeliveryRecorder,
  type DeliveryRecorder,
  type ObservedBatchHandler,
  type ObservedHandler,
} from "./deliveries/recorder/create-delivery-recorder.js";
export { type TestBus, type TestBusOptions, testBus } from "./test-bus.js";
export { type VirtualClock, type VirtualClockOptions, virtualClock } from "./virtual-clock.js";
