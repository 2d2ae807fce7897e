import type { MessageReader } from "./reader.js";
import { keepUnknownField, writeUnknownFields } from "./unknown-fields.js";
import type { Writer } from "./writer.js";

/** Which fields of a message are meant, as `google.protobuf.FieldMask`. */
export interface FieldMask {
  /** With the names of the `.proto`: `user.display_name`. */
  paths: string[];
}

/** What may be published as a `FieldMask`. */
export interface FieldMaskInit {
  readonly paths?: readonly string[] | undefined;
}

const typeName = "google.protobuf.FieldMask";

export function readFieldMask(reader: MessageReader, previous?: FieldMask, end = -1): FieldMask {
  const mask = previous ?? { paths: [] };
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === 10) mask.paths.push(reader.text());
    else if (tag === end) return mask;
    else keepUnknownField(mask, typeName, reader, tag);
  }
  reader.expectEnd(end);
  return mask;
}

export function writeFieldMask(writer: Writer, mask: FieldMaskInit): void {
  writeUnknownFields(mask, typeName, writer);
  for (const path of mask.paths ?? []) writer.uint32(10).string(path);
}
