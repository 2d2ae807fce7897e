import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { file_buf_validate_validate } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import { writeIfChanged } from "../write-if-changed.js";
import { printProto } from "./print-proto.js";

/** Import name of the rules of protovalidate. */
export const validateProto = "buf/validate/validate.proto";
/** Import name of the topic options. */
export const optionsProto = "org/bus/v1/options.proto";

/**
 * Writes the files that every contract may import to `.bus/include` of `projectFolder`, for the compiler and for editors, and
 * resolves with that folder. Git ignores it. Files that are up to date are not touched; may run at once in several processes.
 */
export async function writeIncludeFolder(projectFolder: string): Promise<string> {
  const folder = join(projectFolder, ".bus", "include");
  await writeIfChanged(join(projectFolder, ".bus", ".gitignore"), "*\n");
  await writeIfChanged(
    join(folder, validateProto),
    `// Printed by bus from its copy of the rules of protovalidate.\n${printProto(file_buf_validate_validate)}`,
  );
  await writeIfChanged(join(folder, optionsProto), await readFile(new URL(`../../dist/protos/${optionsProto}`, import.meta.url), "utf8"));
  return folder;
}
