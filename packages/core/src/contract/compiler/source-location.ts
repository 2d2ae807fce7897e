import type { DescEnum, DescField, DescFile, DescMessage, DescOneof } from "@bufbuild/protobuf";
import { positionIn, sourceIndex } from "./source-index.js";

/** What the compiler reports on and takes comments from. */
export type Declaration = DescEnum | DescField | DescMessage | DescOneof;

/** The file that `declaration` stands in. */
export function fileOf(declaration: Declaration): DescFile {
  return declaration.kind === "field" || declaration.kind === "oneof" ? declaration.parent.file : declaration.file;
}

/** The 1-based line of `declaration`, or of `option` within it: the numbers that lead to the option's field, or to what of it is there. */
export function lineOf(declaration: Declaration, option: readonly number[] = []): number | undefined {
  const path = [...sourcePath(declaration), ...option];
  const index = sourceIndex(fileOf(declaration).proto);
  for (let length = path.length; length >= path.length - option.length; length--) {
    // an option that is set piece by piece has a location for each piece only
    const line = index.lineWithin(path.slice(0, length));
    if (line !== undefined) return line + 1;
  }
  return undefined;
}

/** The comment on `declaration`: what stands above it and behind it. */
export function commentOf(declaration: Declaration): string {
  return commentAt(fileOf(declaration), sourcePath(declaration));
}

/** The comment on the value at `index` of `declaration`. */
export function enumValueComment(declaration: DescEnum, index: number): string {
  return commentAt(declaration.file, [...sourcePath(declaration), 2, index]);
}

function commentAt(file: DescFile, path: readonly number[]): string {
  const location = sourceIndex(file.proto).locationAt(path);
  return [location?.leadingComments, location?.trailingComments]
    .filter((comment) => comment !== undefined && comment !== "")
    .map((comment) => unindent(comment ?? ""))
    .join("\n\n");
}

const unindent = (comment: string): string =>
  comment
    .split("\n")
    .map((line) => line.replace(/^ /, "").trimEnd())
    .join("\n")
    .trim();

/** The field numbers and indexes that lead from a FileDescriptorProto to `declaration`. */
function sourcePath(declaration: Declaration): readonly number[] {
  switch (declaration.kind) {
    case "message": {
      const { parent } = declaration;
      if (parent === undefined) return [4, positionIn(declaration.file.proto.messageType, declaration.proto)];
      return [...sourcePath(parent), 3, positionIn(parent.proto.nestedType, declaration.proto)];
    }
    case "enum": {
      const { parent } = declaration;
      if (parent === undefined) return [5, positionIn(declaration.file.proto.enumType, declaration.proto)];
      return [...sourcePath(parent), 4, positionIn(parent.proto.enumType, declaration.proto)];
    }
    case "field":
      return [...sourcePath(declaration.parent), 2, positionIn(declaration.parent.proto.field, declaration.proto)];
    case "oneof":
      return [...sourcePath(declaration.parent), 8, positionIn(declaration.parent.proto.oneofDecl, declaration.proto)];
  }
}
