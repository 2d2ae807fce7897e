import type { FieldPlan, ValueType } from "../compiler/plan.js";
import { type FieldEntry, fieldTypes } from "./field-table.js";

/** What the table of fields says of `field`, but for the fields of its value. */
export function fieldEntry({ name, number, shape, delimited }: FieldPlan): FieldEntry {
  switch (shape.kind) {
    case "single":
      return { name, number, type: typeNumber(shape.value.type, delimited) };
    case "list":
      return { name, number, type: typeNumber(shape.item.type, delimited) };
    case "map":
      return {
        name,
        number,
        type: fieldTypes.message,
        keyType: typeNumber(shape.key.type, false),
        valueType: typeNumber(shape.value.type, delimited),
      };
  }
}

/** The type of a field's value, item or entry. */
export const elementType = ({ shape }: FieldPlan): ValueType => (shape.kind === "list" ? shape.item.type : shape.value.type);

function typeNumber(type: ValueType, delimited: boolean): number {
  switch (type.kind) {
    case "scalar":
      return fieldTypes[type.scalar];
    case "enum":
    case "null_value":
      return fieldTypes.enum;
    default:
      return delimited ? fieldTypes.group : fieldTypes.message;
  }
}
