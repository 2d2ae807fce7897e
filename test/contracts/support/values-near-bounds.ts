import { ScalarType } from "@bufbuild/protobuf";
import fc from "fast-check";
import type { ValueSource } from "./arbitrary-message.js";

/** Values about as often within the rules of `rules.proto` as outside of them. */
export const valuesNearBounds: ValueSource = {
  scalar(type) {
    switch (type) {
      case ScalarType.DOUBLE:
      case ScalarType.FLOAT:
        return fc.constantFrom(-3, -2, -1, -0, 0, 0.1, 0.25, 0.3, 1, 1.5, 2, Number.NaN, Number.POSITIVE_INFINITY);
      case ScalarType.INT32:
      case ScalarType.SINT32:
      case ScalarType.SFIXED32:
        return fc.integer({ min: -3, max: 3 });
      case ScalarType.UINT32:
      case ScalarType.FIXED32:
        return fc.nat(4);
      case ScalarType.INT64:
      case ScalarType.SINT64:
      case ScalarType.SFIXED64:
        return fc.oneof(fc.bigInt({ min: -3n, max: 3n }), fc.constant(-(2n ** 63n)));
      case ScalarType.UINT64:
      case ScalarType.FIXED64:
        return fc.oneof(fc.bigInt({ min: 0n, max: 3n }), fc.constant(2n ** 64n - 1n));
      case ScalarType.BOOL:
        return fc.boolean();
      case ScalarType.STRING:
        return fc.oneof(
          fc.string({ unit: fc.constantFrom("a", "b", "1", "é", "😀"), maxLength: 4 }),
          fc.constantFrom("", "a", "ab"),
          fc.constantFrom(...formatted),
        );
      case ScalarType.BYTES:
        return fc.oneof(fc.uint8Array({ min: 97, max: 98, maxLength: 4 }), fc.constantFrom(new Uint8Array(16), new Uint8Array(15)));
    }
  },
  timestamp: () =>
    fc.oneof(
      fc.record({ seconds: fc.bigInt({ min: -2n, max: 2n }), nanos: fc.integer({ min: 0, max: 6 }) }),
      fc.constantFrom(-7200, -60, 60, 7200).map((seconds) => new Date(Date.now() + seconds * 1000)),
    ),
  duration: () =>
    fc.constantFrom(
      { seconds: 0n, nanos: 0 },
      { seconds: 1n, nanos: 0 },
      { seconds: 0n, nanos: 5 },
      { seconds: -1n, nanos: -5 },
      { seconds: 1n, nanos: 1 },
    ),
};

const formatted = [
  "a@b.example",
  "example.com",
  "127.0.0.1",
  "::1",
  "https://example.com/a?b#c",
  "/a/b",
  "123e4567-e89b-12d3-a456-426614174000",
  "123e4567e89b12d3a456426614174000",
  "10.0.0.0/8",
  "10.1.0.0/8",
  "2001:db8::/32",
  "2001:db8::1/32",
  "example.com:80",
  "[::1]:80",
  "01ARZ3NDEKTSV4RRFFQ69G5FAV",
  "a.b.C",
  ".a.b.C",
  "x-header",
  "x header",
  "text\nwith a break",
  "text\twith a tab",
];

/** Short texts of the characters that the patterns of `patterns.proto` tell apart. */
export const textsNearPatterns: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: fc.constantFrom(..."ab1.AB é😀_- \n\t\v\f\r\u2028\u00a0\u0007[]{}\\/|*#\"'αΣſK\u0000&"), maxLength: 4 }),
  fc.constantFrom("a.b", "ab", "AB", "a\nb", "123-45", "aé", "aab", "a{", "{a}", ".*[_", "#\"'-", "[a"),
);
