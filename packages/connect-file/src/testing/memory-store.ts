import { BusError } from "@org/bus-core";
import type { FinishedPart, OpenPart, PartStore } from "../parts/part-store.js";

/** Parts in memory, with the promises of a store. */
export class MemoryStore implements PartStore {
  readonly #parts = new Map<string, { readonly text: string; readonly version: string }>();
  readonly #notes = new Map<string, string>();
  #versions = 0;

  /** The texts of the finished parts, by name. */
  get shown(): ReadonlyMap<string, string> {
    return new Map([...this.#parts].map(([name, { text }]) => [name, text]));
  }

  async create(folder: string, name: string): Promise<OpenPart> {
    const path = folder + name;
    let text = "";
    return {
      append: async (bytes) => {
        text += Buffer.from(bytes).toString();
      },
      finish: async (replaces) => {
        if (this.#parts.get(path)?.version !== replaces) throw new BusError("fenced", path, { retryable: true });
        this.#versions += 1;
        this.#parts.set(path, { text, version: String(this.#versions) });
        return String(this.#versions);
      },
      discard: async () => {},
    };
  }

  async takeOver(folder: string, prefix: string): Promise<readonly FinishedPart[]> {
    return [...this.#parts]
      .filter(([path]) => path.startsWith(folder + prefix))
      .map(([path, { version }]) => ({ name: path.slice(folder.length), version }));
  }

  async note(folder: string, prefix: string, text: string): Promise<void> {
    this.#notes.set(folder + prefix, text);
  }

  async noted(folder: string, prefix: string): Promise<string | undefined> {
    return this.#notes.get(folder + prefix);
  }

  async remove(folder: string, { name, version }: FinishedPart): Promise<void> {
    if (this.#parts.get(folder + name)?.version === version) this.#parts.delete(folder + name);
  }
}
