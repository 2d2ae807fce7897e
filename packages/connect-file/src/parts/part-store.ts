/** A part that is there for all to see. */
export interface FinishedPart {
  readonly name: string;
  /** What tells it from another of this name. */
  readonly version: string;
}

/** A part that nobody sees until it is finished. */
export interface OpenPart {
  append(bytes: Uint8Array): Promise<void>;
  /**
   * Shows the part under its name, whole, and so that it outlives a crash.
   *
   * @param replaces the version that this part takes the place of; undefined: there is none of this name
   * @returns the version of what is under the name now
   * @throws {BusError} `fenced` when something else is under the name: another process writes the same partition
   */
  finish(replaces: string | undefined): Promise<string>;
  /** Leaves nothing behind. */
  discard(): Promise<void>;
}

/** Where parts are kept: a folder, a bucket. */
export interface PartStore {
  /** Begins a part. `folder` ends with `/` or is empty. */
  create(folder: string, name: string): Promise<OpenPart>;
  /** The finished parts in `folder` whose names begin with `prefix`; removes what was begun under such names and never finished. */
  takeOver(folder: string, prefix: string): Promise<readonly FinishedPart[]>;
  /** Keeps a text about the parts in `folder` whose names begin with `prefix`, in place of the last one; where readers of parts do not see it. */
  note(folder: string, prefix: string, text: string): Promise<void>;
  /** The text that was kept last. */
  noted(folder: string, prefix: string): Promise<string | undefined>;
  /** Removes a part, unless it is another by now. */
  remove(folder: string, part: FinishedPart): Promise<void>;
}
