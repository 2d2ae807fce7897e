import { stripTypeScriptTypes } from "node:module";
import { compileFunction } from "node:vm";
import type { DescFile } from "@bufbuild/protobuf";
import type { Contract } from "@org/bus-core";
import { compile } from "@org/bus-core/compiler";
import * as evaluation from "@org/bus-core/evaluation";
import * as runtime from "@org/bus-core/runtime";

/** The contracts that `bus gen` would write for `file`, loaded into this process; by type name. */
export function loadPrinted(files: readonly DescFile[], file: string): ReadonlyMap<string, Contract> {
  const [printed] = compile({ files, generate: new Set([file]) });
  const source = printed?.content ?? "";
  const code = stripTypeScriptTypes(source)
    .replace(/^import .*$/gm, "")
    .replace(/^export /gm, "");
  const names = Array.from(source.matchAll(/^export const (\w+): runtime\.(?:Compacted)?Contract</gm), ([, name]) => name);
  const load = compileFunction(`${code}\nreturn [${names.join(", ")}];`, ["runtime", "evaluation"]) as (...modules: object[]) => readonly Contract[];
  return new Map(load(runtime, evaluation).map((contract) => [contract.typeName, contract]));
}
