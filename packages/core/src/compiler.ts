/** The contract compiler, for tools. It loads @bufbuild/protobuf, which generated code and services do not. */
export { type CompileOptions, compile, type GeneratedFile } from "./contract/compiler/compile.js";
export { CompileError, type CompileProblem } from "./contract/compiler/problems.js";
