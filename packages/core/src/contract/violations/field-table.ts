/** What is known of the properties of a message, by their names: what a violation says of a field beside its path. */
export type FieldTable = Readonly<Record<string, FieldEntry>>;

/** A field, or a oneof, which has a name only. */
export interface FieldEntry {
  /** As in the `.proto`. */
  readonly name: string;
  readonly number?: number;
  /** A `google.protobuf.FieldDescriptorProto.Type`; of a list that of its items, of a map that of its entries: a message. */
  readonly type?: number;
  /** Of a map: the types of its keys and values. */
  readonly keyType?: number;
  readonly valueType?: number;
  /** The fields of the message, or of the messages, that are its value. */
  readonly fields?: () => FieldTable;
}

/** Numbers of `google.protobuf.FieldDescriptorProto.Type`. */
export const fieldTypes = {
  double: 1,
  float: 2,
  int64: 3,
  uint64: 4,
  int32: 5,
  fixed64: 6,
  fixed32: 7,
  bool: 8,
  string: 9,
  group: 10,
  message: 11,
  bytes: 12,
  uint32: 13,
  enum: 14,
  sfixed32: 15,
  sfixed64: 16,
  sint32: 17,
  sint64: 18,
} as const;
