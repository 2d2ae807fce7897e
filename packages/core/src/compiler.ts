/** The contract compiler, for tools. It loads @bufbuild/protobuf, which generated code and services do not. */
export { type CompileOptions, compile, type GeneratedFile, planContracts } from "./contract/compiler/compile.js";
export { type DeclaredTopic, declaredTopics } from "./contract/compiler/declared-topics.js";
export type {
  CollectionRules,
  EnumPlan,
  ExpressionPlan,
  FieldPlan,
  FilePlan,
  MemberPlan,
  MessagePlan,
  OneofPlan,
  RuleArgument,
  RulePlan,
  ValuePlan,
  ValueType,
} from "./contract/compiler/plan.js";
export type { TopicField } from "./contract/compiler/plan-topic.js";
export { CompileError, type CompileProblem } from "./contract/compiler/problems.js";
export type { FromJsonOptions } from "./contract/json/from-json.js";
export type { ToJsonOptions } from "./contract/json/to-json.js";
export { compileContracts } from "./contract/registry/compile-contracts.js";
export type { ContractRegistry } from "./contract/registry/contract-registry.js";
