import { runNodeJs } from "@bufbuild/protoplugin";
import { respond } from "./generate/respond.js";

// `protoc-gen-bus`, for those who run protoc or buf themselves; `bus gen` calls `respond` in its own process, which is a second faster
runNodeJs({ name: "protoc-gen-bus", version: "v1", run: respond });
