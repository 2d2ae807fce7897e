import type { DescFile } from "@bufbuild/protobuf";

const libraryPackages = new Set(["google.protobuf", "google.protobuf.compiler", "buf.validate"]);

/** Files of Google's types and of the standard options and rules: they declare no contracts, and are generated only if something refers to them. */
export const isLibraryFile = ({ proto }: DescFile): boolean => libraryPackages.has(proto.package) || proto.name === "org/bus/v1/options.proto";
