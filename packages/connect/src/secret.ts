import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { BusError } from "@org/bus-core";
import { z } from "zod";

/** A value that configuration only names. It is read when it is needed, and printing it, or the options that hold it, shows the name. */
export class Secret {
  readonly #read: () => string;

  constructor(
    /** Where it comes from: `environment PG_URL`, `file /run/secrets/pg`. */
    readonly source: string,
    read: () => string,
  ) {
    this.#read = read;
  }

  /** @throws {BusError} `invalid_options` when it is not there */
  reveal(): string {
    return this.#read();
  }

  toString(): string {
    return `secret(${this.source})`;
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/** A secret in the environment variable `name`; in the file that `name` is where it begins with `/` or `./`, without the line end. */
export function secret(name: string): Secret {
  if (/^\.?\//.test(name)) {
    return new Secret(`file ${name}`, () => {
      try {
        return readFileSync(name, "utf8").replace(/\r?\n$/, "");
      } catch (cause) {
        throw new BusError("invalid_options", `the secret file ${name} cannot be read, create it or mount it`, { cause });
      }
    });
  }
  return new Secret(`environment ${name}`, () => {
    const value = process.env[name];
    if (value === undefined || value === "") throw new BusError("invalid_options", `the environment variable ${name} is not set, it holds a secret`);
    return value;
  });
}

/** For the options of a connector that are secret: a literal is refused, so that none gets into a repository or a log. */
export const secretOption = z.instanceof(Secret, { error: 'must be a secret by reference, such as secret("PG_URL")' });
