import { createRequire } from "node:module";

// The members of kafkajs's RequestQueue that the correction touches.
interface RequestQueue {
  readonly pending: readonly unknown[];
  readonly throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  checkPendingRequests(): void;
}

const IN_FLIGHT_CHECK_MS = 10;

function scheduleCheckPendingRequests(this: RequestQueue): void {
  if (this.pending.length === 0 || this.throttleCheckTimeoutId !== null) return;
  const throttledMs = this.throttledUntil - Date.now();
  this.throttleCheckTimeoutId = setTimeout(
    () => {
      this.throttleCheckTimeoutId = null;
      this.checkPendingRequests();
    },
    throttledMs > 0 ? throttledMs : IN_FLIGHT_CHECK_MS,
  );
}

/**
 * Stops a busy loop of kafkajs 2.2.4: after its first answer every connection arms a timer with a delay in the past, again and again, which costs
 * about 900 wake-ups a second for each (and a warning of Node). Here a timer is armed only while something waits. Behaviour is the same otherwise,
 * so that it may hold for other users of kafkajs in the process. See https://github.com/tulios/kafkajs/issues/1751.
 */
export function stopRequestQueueSpinning(): void {
  const RequestQueueClass: unknown = createRequire(import.meta.url)("kafkajs/src/network/requestQueue/index.js");
  if (typeof RequestQueueClass === "function" && "scheduleCheckPendingRequests" in RequestQueueClass.prototype) {
    RequestQueueClass.prototype.scheduleCheckPendingRequests = scheduleCheckPendingRequests;
  }
}
