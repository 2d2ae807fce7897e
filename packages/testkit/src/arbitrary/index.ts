export { type ArbitraryOptions, arbitrary } from "./arbitrary.js";
export { arbitraryInvalid, type BreakableRule, breakableRules, type InvalidMessage } from "./arbitrary-invalid.js";
export { type ExamplesOptions, examples } from "./examples.js";
