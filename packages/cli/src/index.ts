export { loadDescriptorSet } from "./descriptor-set.js";
export { CommandFailure } from "./failure.js";
export { metricTables } from "./monitoring/metric-names.js";
