import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where `client.mjs` finds the test; ends with its scope. */
export interface Server extends AsyncDisposable {
  readonly address: string;
}

/** Answers each request, which is all that comes through a connection. */
export async function serve(answer: (request: Uint8Array) => Uint8Array): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), "protovalidate-"));
  const address = process.platform === "win32" ? `\\\\.\\pipe\\${folder.replaceAll("\\", "-")}` : join(folder, "socket");
  const server = createServer({ allowHalfOpen: true }, (socket) => respond(socket, answer));
  await new Promise<void>((resolve) => server.listen(address, resolve));
  return {
    address,
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function respond(socket: Socket, answer: (request: Uint8Array) => Uint8Array): void {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.on("end", () => socket.end(answer(Buffer.concat(chunks))));
}
