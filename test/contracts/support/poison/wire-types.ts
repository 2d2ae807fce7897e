import { type DescField, ScalarType } from "@bufbuild/protobuf";

/** The wire type of a field, of each item of a list that is not packed, or of the values of a map. */
export function wireTypeOf(field: DescField): number {
  if (field.message !== undefined) return field.fieldKind !== "map" && field.delimitedEncoding ? 3 : 2;
  return field.enum !== undefined ? 0 : wireTypeOfScalar(field.scalar);
}

export function wireTypeOfScalar(scalar: ScalarType): number {
  switch (scalar) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return 2;
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
    case ScalarType.FLOAT:
      return 5;
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
    case ScalarType.DOUBLE:
      return 1;
    default:
      return 0;
  }
}
