export { loadDescriptorSet } from "./descriptor-set.js";
export { CommandFailure } from "./failure.js";
