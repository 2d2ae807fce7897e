import { stripTypeScriptTypes } from "node:module";
import { dirname, join } from "node:path/posix";
import { compileFunction } from "node:vm";
import type { DescFile } from "@bufbuild/protobuf";
import type { Contract } from "@org/bus-core";
import { compile } from "@org/bus-core/compiler";
import * as evaluation from "@org/bus-core/evaluation";
import * as runtime from "@org/bus-core/runtime";

type Module = Readonly<Record<string, unknown>>;

/** The contracts that `bus gen` would write for the files at `paths`, loaded into this process; by type name. */
export function loadPrinted(files: readonly DescFile[], ...paths: readonly string[]): ReadonlyMap<string, Contract> {
  const sources = new Map(compile({ files, generate: new Set(paths) }).map(({ path, content }) => [path, content]));
  const loaded = new Map<string, Module>();
  const load = (path: string): Module => {
    const known = loaded.get(path);
    if (known !== undefined) return known;
    const module = evaluate(path, sources.get(path) ?? "", load);
    loaded.set(path, module);
    return module;
  };
  const contracts = [...sources.keys()].flatMap((path) => Object.values(load(path)).filter(isContract));
  return new Map(contracts.map((contract) => [contract.typeName, contract]));
}

/** What a file exports. `load` gives those that it imports. */
function evaluate(path: string, source: string, load: (path: string) => Module): Module {
  const modules = new Map<string, Module>([
    ["runtime", runtime as Module],
    ["evaluation", evaluation as Module],
  ]);
  for (const [, alias = "", relative = ""] of source.matchAll(/^import \* as (\w+) from "(\.[^"]+)\.js";$/gm)) {
    modules.set(alias, load(`${join(dirname(path), relative)}.ts`));
  }
  const names = Array.from(source.matchAll(/^export (?:const|function) (\w+\$?)/gm), ([, name]) => name);
  const code = stripTypeScriptTypes(source)
    .replace(/^import .*$/gm, "")
    .replace(/^export /gm, "");
  const run = compileFunction(`${code}\nreturn { ${names.join(", ")} };`, [...modules.keys()]) as (...values: readonly Module[]) => Module;
  return run(...modules.values());
}

const isContract = (value: unknown): value is Contract => typeof value === "object" && value !== null && "typeName" in value && "validate" in value;
