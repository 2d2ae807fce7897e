// The published package carries the topic options that contracts import.
import { cpSync } from "node:fs";
import { fileURLToPath } from "node:url";

const fromHere = (path) => fileURLToPath(new URL(path, import.meta.url));
cpSync(fromHere("../../../protos/org"), fromHere("../dist/protos/org"), { recursive: true });
