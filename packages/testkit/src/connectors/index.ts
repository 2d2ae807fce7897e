export { connectorSuite } from "./connector-suite.js";
export type { Harness, SinkHarness, SourceHarness } from "./harness.js";
export type { ConnectorSuiteOptions } from "./options.js";
export type { SinkModule, SourceModule } from "./under-test.js";
