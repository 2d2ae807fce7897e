const name = /^[A-Za-z_][A-Za-z_0-9]*(?:\.[A-Za-z_][A-Za-z_0-9]*)*$/;

/** Whether `value` is a fully qualified Protobuf name without a leading dot: `google.protobuf.Timestamp`. */
export function isProtobufFqn(value: string): boolean {
  return name.test(value);
}

/** Whether `value` is a fully qualified Protobuf name with a leading dot: `.google.protobuf.Timestamp`. */
export function isProtobufDotFqn(value: string): boolean {
  return value.startsWith(".") && name.test(value.slice(1));
}
