import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { loadDescriptorSet } from "@org/bus-cli";
import { compile, type GeneratedFile } from "@org/bus-core/compiler";

/** Compiles `.proto` files given as text, by path. */
export async function compileText(files: Readonly<Record<string, string>>): Promise<readonly GeneratedFile[]> {
  const { files: all } = createFileRegistry(fromBinary(FileDescriptorSetSchema, await describeText(files)));
  return compile({ files: [...all], generate: new Set(Object.keys(files)) });
}

/** The bytes of the descriptor set of `.proto` files given as text, by path. */
export async function describeText(files: Readonly<Record<string, string>>): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), "contracts-"));
  try {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, "proto", path)), { recursive: true });
      await writeFile(join(folder, "proto", path), text);
    }
    return await loadDescriptorSet("proto", folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
