import type { ConnectRecord } from "@org/bus-connect";
import type { Clock } from "@org/bus-core";
import type { PartEncoder, PartFormat } from "../formats/encoder.js";
import { gzipMember } from "../formats/part-format.js";
import { type Lane, offsetOfName, partName } from "./lane.js";
import { PartEnds, type Written } from "./part-ends.js";
import type { FinishedPart, OpenPart, PartStore } from "./part-store.js";

/** What all lanes of a sink share. */
export interface LaneSetup {
  readonly store: PartStore;
  readonly format: PartFormat;
  readonly compress: boolean;
  /** A part is finished when it has reached so many bytes. */
  readonly maxBytes: number;
  readonly clock: Clock;
}

interface CurrentPart {
  readonly name: string;
  readonly firstOffset: number | undefined;
  readonly encoder: PartEncoder;
  readonly open: OpenPart;
  bytes: number;
  /** What is due to be appended. */
  due: Uint8Array[];
}

/**
 * Writes the parts of one lane.
 *
 * A crash between showing a part and storing the position behind it brings its records again, from the same offset on. The part that begins with that offset
 * takes the place of the earlier one. It may be longer this time, and parts that began within it are repeated by it: they are removed when it is shown.
 * The position may also have been stored up to the middle of a part: what of it comes again is left out, by a note of where the last parts end.
 * So a repeat leaves every record once, wherever the parts are cut.
 */
export class LaneWriter {
  readonly #lane: Lane;
  readonly #setup: LaneSetup;
  /** Parts by name that were there when the lane was taken over, and have not been repeated yet. */
  readonly #found: Map<string, FinishedPart>;
  #part: CurrentPart | undefined;
  #lastOffset: number | undefined;
  /** Records of the last offset in the current part. */
  #ofLastOffset = 0;
  /** Parts that ended within the last offset. */
  #repeats = 0;
  readonly #ends: PartEnds;
  readonly #written: Written | undefined;

  private constructor(lane: Lane, setup: LaneSetup, found: readonly FinishedPart[], ends: PartEnds, written: Written | undefined) {
    this.#lane = lane;
    this.#setup = setup;
    this.#found = new Map(found.map((part) => [part.name, part]));
    this.#ends = ends;
    this.#written = written;
  }

  /** @param from the offset that is written first; undefined where records have none, so that names are never the same twice */
  static async open(lane: Lane, setup: LaneSetup, from: number | undefined): Promise<LaneWriter> {
    if (from === undefined) return new LaneWriter(lane, setup, [], new PartEnds(undefined, []), undefined);
    const found = await setup.store.takeOver(lane.folder, lane.prefix);
    const ends = new PartEnds(await setup.store.noted(lane.folder, lane.prefix), found);
    return new LaneWriter(lane, setup, found, ends, ends.writtenFrom(lane, from));
  }

  /** Whether a record comes from before what the lane has: its partition was given back, and is read again. */
  isBehind(offset: number | undefined): boolean {
    return offset !== undefined && this.#lastOffset !== undefined && offset < this.#lastOffset;
  }

  /** Calls `reject` with what is wrong with the record, if something is. */
  async add(record: ConnectRecord<unknown>, reject: (error: unknown) => void): Promise<void> {
    const offset = record.origin?.offset;
    if (offset !== undefined && this.#written?.has(offset)) return;
    // a part is not cut within what one offset has become
    if (this.#part !== undefined && this.#part.bytes >= this.#setup.maxBytes && (offset === undefined || offset !== this.#lastOffset))
      await this.finish();
    const part = this.#part ?? (await this.#begin(offset));
    let bytes: Uint8Array | undefined;
    try {
      bytes = part.encoder.add(record);
    } catch (error) {
      reject(error);
      if (this.#part === undefined) await part.open.discard();
      return;
    }
    this.#part = part;
    if (offset !== this.#lastOffset) {
      this.#repeats = 0;
      this.#ofLastOffset = 0;
    }
    this.#lastOffset = offset;
    this.#ofLastOffset += 1;
    if (bytes === undefined) return;
    part.due.push(bytes);
    part.bytes += bytes.length;
    if (part.bytes >= this.#setup.maxBytes) await this.append();
  }

  /** Hands on what is due. */
  async append(): Promise<void> {
    const part = this.#part;
    if (part === undefined || part.due.length === 0) return;
    const bytes = Buffer.concat(part.due);
    part.due = [];
    await part.open.append(this.#setup.compress ? gzipMember(bytes) : bytes);
  }

  /** Shows the current part, if there is one. */
  async finish(): Promise<void> {
    const part = this.#part;
    if (part === undefined) return;
    const end = part.encoder.end();
    if (end !== undefined) part.due.push(end);
    await this.append();
    const version = await part.open.finish(this.#found.get(part.name)?.version);
    if (this.#lastOffset !== undefined) {
      this.#ends.add({ name: part.name, version, lastOffset: this.#lastOffset, ofLastOffset: this.#ofLastOffset });
    }
    this.#part = undefined;
    this.#repeats += 1;
    this.#ofLastOffset = 0;
    this.#found.delete(part.name);
    for (const repeated of this.#repeatedBy(part.firstOffset)) {
      await this.#setup.store.remove(this.#lane.folder, repeated);
      this.#found.delete(repeated.name);
    }
  }

  /** Keeps where the parts end that were finished since the last time. */
  async note(): Promise<void> {
    const note = this.#ends.take();
    if (note !== undefined) await this.#setup.store.note(this.#lane.folder, this.#lane.prefix, note);
  }

  async discard(): Promise<void> {
    await this.#part?.open.discard();
    this.#part = undefined;
  }

  async #begin(offset: number | undefined): Promise<CurrentPart> {
    const { store, format, clock } = this.#setup;
    const repeat = offset !== undefined && offset === this.#lastOffset ? this.#repeats : 0;
    const name = partName(this.#lane, offset, repeat, format.extension, clock.now());
    const open = await store.create(this.#lane.folder, name);
    return { name, firstOffset: offset, encoder: format.create(), open, bytes: 0, due: [] };
  }

  /** The earlier parts that begin within a part from `firstOffset` to the last one. */
  #repeatedBy(firstOffset: number | undefined): readonly FinishedPart[] {
    const last = this.#lastOffset;
    if (firstOffset === undefined || last === undefined) return [];
    return [...this.#found.values()].filter(({ name }) => {
      const offset = offsetOfName(this.#lane, name);
      return offset !== undefined && offset >= firstOffset && offset <= last;
    });
  }
}
