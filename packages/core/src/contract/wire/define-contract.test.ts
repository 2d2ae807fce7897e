import { describe, expect, it } from "vitest";
import { BusError } from "../../errors.js";
import { isString } from "../rules/scalars.js";
import { isMessage } from "../rules/structure.js";
import { defineCompactedContract, defineContract } from "./define-contract.js";
import { textKey } from "./record-key.js";
import { keepUnknownField, writeUnknownFields } from "./unknown-fields.js";

interface Note {
  text: string;
}

const definition = {
  typeName: "test.v1.Note",
  sensitiveFields: ["text"],
  check(faults: Parameters<typeof isMessage>[0], message: unknown) {
    if (isMessage<Note>(faults, message)) isString(faults, "text", message.text);
  },
  write(writer: Parameters<typeof writeUnknownFields>[2], message: Partial<Note>) {
    writeUnknownFields(message, "test.v1.Note", writer);
    if (message.text) writer.uint32(10).string(message.text);
  },
  read(reader: Parameters<typeof keepUnknownField>[2]): Note {
    const message: Note = { text: "" };
    while (reader.pos < reader.len) {
      const tag = reader.tag();
      if (tag === 10) message.text = reader.text();
      else keepUnknownField(message, "test.v1.Note", reader, tag);
    }
    return message;
  },
  key: (message: Partial<Note>) => textKey(message.text),
};

const Note = defineContract<Note, Partial<Note>>(definition);

/** Code and text of the error that `bytes` lead to. */
function refusal(bytes: readonly number[]): string {
  try {
    Note.decode(Uint8Array.from(bytes));
  } catch (error) {
    if (error instanceof BusError) return `${error.code}: ${error.message}`;
  }
  return "decoded";
}

describe("defineContract", () => {
  it("makes a contract without state", () => {
    expect(Note.decode(Note.encode({ text: "a" }))).toEqual({ text: "a" });
    expect(Note.validate({ text: 1 })).toEqual([{ path: "text", rule: "type", message: "must be a string, is the number 1" }]);
    expect(Note.key({ text: "a" })).toEqual(Buffer.from("a"));
    expect(Note.key({ text: "" })).toBeNull();
    expect("topic" in Note).toBe(false);
  });

  it("refuses malformed bytes, and says why and where", () => {
    expect(refusal([10, 5, 97])).toBe("malformed_message: bytes are no test.v1.Note: 5 bytes are announced, but 1 are left, at byte 2");
    const because = (reason: string): string => `malformed_message: bytes are no test.v1.Note: ${reason}`;
    expect(refusal([10])).toBe(because("the bytes end within a field, at byte 1"));
    expect(refusal([10, 1, 0xff])).toBe(because("a text is no UTF-8, at byte 3"));
    expect(refusal([0, 1])).toBe(because("a tag has the field number 0, at byte 1"));
    expect(refusal([0x16])).toBe(because("field 2 has the wire type 6, which does not exist, at byte 1"));
    expect(refusal([0x14])).toBe(because("group 2 ends where it has not begun, at byte 1"));
    expect(refusal([0x13, 0x1c])).toBe(because("group 3 ends where it has not begun, at byte 2"));
    expect(refusal([0x13])).toBe(because("group 2 does not end, at byte 1"));
    expect(refusal(Array(300).fill(0x13))).toBe(because("messages are nested deeper than 100, at byte 101"));
  });

  it("keeps a field of another wire type as an unknown one", () => {
    const bytes = Uint8Array.of(8, 5, 10, 1, 97, 0x1d, 1, 2, 3, 4);
    expect([...Note.encode(Note.decode(bytes))]).toEqual([8, 5, 0x1d, 1, 2, 3, 4, 10, 1, 97]);
  });
});

describe("defineCompactedContract", () => {
  it("has a topic that is compacted", () => {
    const topic = { name: "notes", partitions: 1, cleanup: "compact", owner: { team: "a", channel: "b" } } as const;
    const contract = defineCompactedContract<Note, Partial<Note>>({ ...definition, topic, keyPath: ["text"], keyKind: "text" });
    expect([contract.topic, contract.keyKind]).toEqual([topic, "text"]);
    expect(contract.validate({ text: "" })).toEqual([
      { path: "text", rule: "required", message: "must not be empty: it is the key of a compacted topic" },
    ]);
  });
});
