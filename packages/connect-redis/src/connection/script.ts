import { createHash } from "node:crypto";
import { replyWord } from "./errors.js";
import type { RedisConnection, Reply } from "./redis-connection.js";

/** A script that is sent once, and named from then on. */
export class Script {
  readonly #text: string;
  readonly #hash: string;

  constructor(text: string) {
    this.#text = text;
    this.#hash = createHash("sha1").update(text).digest("hex");
  }

  /** Runs it where the first key is; in a cluster all must be there. */
  async run(connection: RedisConnection, keys: readonly string[], args: readonly (string | Buffer)[]): Promise<Reply> {
    const rest = [String(keys.length), ...keys, ...args];
    const [key = ""] = keys;
    try {
      return await connection.command(key, ["EVALSHA", this.#hash, ...rest]);
    } catch (error) {
      // it is not there yet, or not any more
      if (replyWord(error) !== "NOSCRIPT") throw error;
      return connection.command(key, ["EVAL", this.#text, ...rest]);
    }
  }
}
