import { create, createFileRegistry, fromJson, type JsonValue, setExtension } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import {
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FieldOptionsSchema,
  FileDescriptorProtoSchema,
  file_google_protobuf_descriptor,
} from "@bufbuild/protobuf/wkt";
import { createValidator } from "@bufbuild/protovalidate";
import { FieldRulesSchema, field, file_buf_validate_validate } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  isAddress,
  isEmail,
  isHeaderName,
  isHeaderValue,
  isHostAndPort,
  isHostname,
  isIp,
  isIpPrefix,
  isProtobufDotFqn,
  isProtobufFqn,
  isTuuid,
  isUlid,
  isUri,
  isUriRef,
  isUuid,
} from "./index.js";

type Predicate = (value: string) => boolean;

/** What protovalidate says of a string under `rules`. */
function protovalidate(rules: JsonValue): Predicate {
  const options = create(FieldOptionsSchema);
  setExtension(options, field, fromJson(FieldRulesSchema, rules));
  const text = {
    name: "text",
    number: 1,
    label: FieldDescriptorProto_Label.OPTIONAL,
    type: FieldDescriptorProto_Type.STRING,
    options,
  };
  const file = create(FileDescriptorProtoSchema, {
    name: "oracle.proto",
    syntax: "proto3",
    dependency: ["buf/validate/validate.proto"],
    messageType: [{ name: "Oracle", field: [text] }],
  });
  const known = [file_buf_validate_validate, ...file_buf_validate_validate.dependencies, file_google_protobuf_descriptor];
  const schema = createFileRegistry(file, (name) => known.find((candidate) => candidate.proto.name === name)).getMessage("Oracle");
  if (schema === undefined) throw new Error("the oracle has no message");
  const validator = createValidator();
  return (value) => {
    const message = reflect(schema);
    message.set(schema.field.text as never, value);
    const result = validator.validate(schema, message.message);
    if (result.kind === "error") throw result.error;
    return result.kind === "valid";
  };
}

const cel = (expression: string): JsonValue => ({ cel: [{ id: "oracle", message: "no", expression }] });

const table: readonly { name: string; ours: Predicate; rules: JsonValue; valid: string[]; invalid: string[] }[] = [
  {
    name: "isEmail",
    ours: isEmail,
    rules: cel("this.isEmail()"),
    valid: ["foo@example.com", "a.!#$%&'*+/=?^_`{|}~-b@x", ".a.@1", `a@${"b".repeat(63)}.c`],
    invalid: ["", "@", "a@", "@b", "a b@c", "a@b@c", "a@-b", "a@b-", "a@b..c", "a@b.", "a@b.\n", `a@${"b".repeat(64)}`, "é@b.c", '"a"@b'],
  },
  {
    name: "isHostname",
    ours: isHostname,
    rules: cel("this.isHostname()"),
    valid: ["a", "foo.example.com", "foo.example.com.", "1.2.3.a", "a-b.c", "0a", `${"a".repeat(63)}.b`, `${"a.".repeat(126)}b`],
    invalid: ["", ".", "a..b", ".a", "-a", "a-", "a.1", "1", "a_b", "é", "a\n", "a".repeat(64), `${"a.".repeat(126)}bc`, `${"a.".repeat(126)}b.`],
  },
  {
    name: "isIp",
    ours: (value) => isIp(value),
    rules: cel("this.isIp()"),
    valid: [
      "0.0.0.0",
      "255.255.255.255",
      "::",
      "::1",
      "1::",
      "1:2:3:4:5:6:7::",
      "::2:3:4:5:6:7:8",
      "1:2:3:4:5:6:7:8",
      "::ffff:1.2.3.4",
      "fe80::a%en1",
      "::%% \u{1F600}",
    ],
    invalid: [
      "",
      "1.2.3",
      "1.2.3.4.5",
      "01.2.3.4",
      "256.1.1.1",
      "1.2.3.4\n",
      " ::1",
      ":::",
      ":",
      "1:2:3:4:5:6:7",
      "1:2:3:4:5:6:7:8:9",
      "1::2::3",
      "12345::",
      "g::",
      "::1%",
      "%a",
      ":1",
      "::1:",
      "::1.2.3.4:5",
      "1.2.3.4::",
      "::1.2.3.4%a",
      "::1/64",
    ],
  },
  { name: "isIp 4", ours: (value) => isIp(value, 4), rules: cel("this.isIp(4)"), valid: ["192.168.5.21"], invalid: ["::1", "1.2.3.4/8"] },
  { name: "isIp 6", ours: (value) => isIp(value, 6), rules: cel("this.isIp(6)"), valid: ["::1"], invalid: ["192.168.5.21", "[::1]"] },
  {
    name: "isIpPrefix",
    ours: (value) => isIpPrefix(value),
    rules: cel("this.isIpPrefix()"),
    valid: ["192.168.5.21/16", "0.0.0.0/0", "1.2.3.4/32", "2001:db8::f1/64", "::/0", "::1/128"],
    invalid: ["", "1.2.3.4", "1.2.3.4/", "1.2.3.4/33", "1.2.3.4/08", "1.2.3.4/-1", "1.2.3.4/8/8", "::1/129", "::1%a/64", "/8", "::1/6 4"],
  },
  { name: "isIpPrefix 4", ours: (value) => isIpPrefix(value, 4), rules: cel("this.isIpPrefix(4)"), valid: ["1.2.3.4/8"], invalid: ["::/0"] },
  { name: "isIpPrefix 6", ours: (value) => isIpPrefix(value, 6), rules: cel("this.isIpPrefix(6)"), valid: ["::1/8"], invalid: ["1.2.3.4/8"] },
  {
    name: "isIpPrefix strict",
    ours: (value) => isIpPrefix(value, undefined, true),
    rules: cel("this.isIpPrefix(true)"),
    valid: ["192.168.0.0/16", "0.0.0.0/0", "1.2.3.4/32", "1.2.3.128/25", "2001:db8::/32", "2001:db8:8000::/33", "::1/128"],
    invalid: ["192.168.1.0/16", "0.0.0.1/0", "1.2.3.64/25", "2001:db8::f1/64", "2001:db8:4000::/33", "::1/127"],
  },
  {
    name: "isUri",
    ours: isUri,
    rules: cel("this.isUri()"),
    valid: [
      "https://example.com/foo/bar?baz=quux#frag",
      "a:",
      "A+-.1:b",
      "a:/b//c",
      "a://",
      "a://:",
      "a://u:p@h:1/",
      "a://[::1]:80",
      "a://[fe80::1%25e%20]",
      "a://[v1f.x:]",
      "a://%C3%A9",
      "mailto:a@b",
      "a:b?c?/#d?/",
    ],
    invalid: [
      "",
      "a",
      ":a",
      "1a:",
      "a b:",
      "a:b c",
      "a:%",
      "a:%g0",
      "a:#b#c",
      "a://h:x",
      "a://u@v@h",
      "a://[::1",
      "a://[::1]x",
      "a://[]",
      "a://%C3",
      "a://[::1%25]",
      "a://[::1%en]",
      "a://[v.x]",
      "a://[vg.x]",
      "a:\u{1F600}",
      "a:b\n",
      "a:?[",
      "a:#[",
    ],
  },
  {
    name: "isUriRef",
    ours: isUriRef,
    rules: cel("this.isUriRef()"),
    valid: ["", "https://example.com", "./foo/bar?query", "//h/p", "/a//b:c", "a/b:c", "?", "#", "@/b", "?a:b", "a?b:c"],
    invalid: ["1:b", ":", "a b", "///[", "//[", "/a[", "%", "#a#b", "é", "//h:x/"],
  },
  {
    name: "isAddress",
    ours: isAddress,
    rules: { string: { address: true } },
    valid: ["example.com", "1.2.3.4", "::1%a"],
    invalid: ["", "1.2.3", "[::1]", "a b"],
  },
  {
    name: "isUuid",
    ours: isUuid,
    rules: { string: { uuid: true } },
    valid: ["6ba7b810-9dad-11d1-80b4-00c04fd430C8", "00000000-0000-0000-0000-000000000000"],
    invalid: [
      "",
      "6ba7b8109dad11d180b400c04fd430c8",
      "6ba7b810-9dad-11d1-80b4-00c04fd430c",
      "6ba7b810-9dad-11d1-80b4-00c04fd430cg",
      "{6ba7b810-9dad-11d1-80b4-00c04fd430c8}",
    ],
  },
  {
    name: "isTuuid",
    ours: isTuuid,
    rules: { string: { tuuid: true } },
    valid: ["6ba7b8109dad11d180b400c04fd430C8"],
    invalid: ["", "6ba7b8109dad11d180b400c04fd430c", "6ba7b8109dad11d180b400c04fd430c8\n"],
  },
  {
    name: "isUlid",
    ours: isUlid,
    rules: { string: { ulid: true } },
    valid: ["01ARZ3NDEKTSV4RRFFQ69G5FAV", "7zzzzzzzzzzzzzzzzzzzzzzzzz"],
    invalid: ["", "81ARZ3NDEKTSV4RRFFQ69G5FAV", "01ARZ3NDEKTSV4RRFFQ69G5FAU", "01ARZ3NDEKTSV4RRFFQ69G5FA", "01ARZ3NDEKTSV4RRFFQ69G5FAVV"],
  },
  {
    name: "isHostAndPort with a port",
    ours: (value) => isHostAndPort(value, true),
    rules: cel("this.isHostAndPort(true)"),
    valid: ["example.com:8080", "1.2.3.4:0", "[::1]:65535", "[::1%a]b:]:1"],
    invalid: ["", ":", "a", "a:", ":1", "a:65536", "a:01", "a:-1", "::1:1", "[::1]", "[::1]:", "[::1]1", "[1.2.3.4]:1", "a:b:1", "[::1:1", "a:1 "],
  },
  {
    name: "isHostAndPort without a port",
    ours: (value) => isHostAndPort(value, false),
    rules: cel("this.isHostAndPort(false)"),
    valid: ["example.com:8080", "a", "1.2.3.4", "[::1]", "[::1]:1"],
    invalid: ["", ":", "a:", "::1", "[::1", "[]", "1.2.3"],
  },
  {
    name: "isProtobufFqn",
    ours: isProtobufFqn,
    rules: { string: { protobufFqn: true } },
    valid: ["a", "_a.B9._"],
    invalid: ["", ".a", "a.", "a..b", "9a", "a-b", "a.9"],
  },
  {
    name: "isProtobufDotFqn",
    ours: isProtobufDotFqn,
    rules: { string: { protobufDotFqn: true } },
    valid: [".a", "._a.B9._"],
    invalid: ["", ".", "a", "..a", ".a.", ".9a"],
  },
  {
    name: "isHeaderName strict",
    ours: (value) => isHeaderName(value, true),
    rules: { string: { wellKnownRegex: "KNOWN_REGEX_HTTP_HEADER_NAME" } },
    valid: ["content-type", ":path", "a!#$%&'*+-.^_|~`", "a,b"],
    invalid: ["", ":", "::a", "a b", "a/b", "é", "a\n"],
  },
  {
    name: "isHeaderName loose",
    ours: (value) => isHeaderName(value, false),
    rules: { string: { wellKnownRegex: "KNOWN_REGEX_HTTP_HEADER_NAME", strict: false } },
    valid: ["a b", "é", "\t", "::"],
    invalid: ["", "a\n", "\r", "\0"],
  },
  {
    name: "isHeaderValue strict",
    ours: (value) => isHeaderValue(value, true),
    rules: { string: { wellKnownRegex: "KNOWN_REGEX_HTTP_HEADER_VALUE" } },
    valid: ["", "a\tb", "é \u0080"],
    invalid: ["\0", "a\n", "\r", "\u0008", "\u001f", "\u007f"],
  },
  {
    name: "isHeaderValue loose",
    ours: (value) => isHeaderValue(value, false),
    rules: { string: { wellKnownRegex: "KNOWN_REGEX_HTTP_HEADER_VALUE", strict: false } },
    valid: ["", "\u0008\u007f"],
    invalid: ["\0", "a\nb", "\r"],
  },
];

/**
 * Where protovalidate lets pass what RFC 3986 does not, and we follow the RFC: a single colon before a zone or a prefix length, more
 * than 8 groups before dotted decimal, a reference that is none up to its query or fragment but one after it.
 */
const laxities = [/[^:]:[%/]/, /:(?:\d+\.){3}\d+(?:$|\/)/, /[?#]/];

describe.each(table)("$name", ({ ours, rules, valid, invalid }) => {
  const theirs = protovalidate(rules);

  it.each(valid)("takes %j", (value) => {
    expect([ours(value), theirs(value)]).toEqual([true, true]);
  });

  it.each(invalid)("refuses %j", (value) => {
    expect([ours(value), theirs(value)]).toEqual([false, false]);
  });

  it("says of strings that are nearly right what protovalidate says", () => {
    fc.assert(
      fc.property(nearly(valid, invalid), (value) => {
        const [mine, other] = [ours(value), theirs(value)];
        if (mine !== other && !mine && laxities.some((laxity) => laxity.test(value))) return;
        expect({ value, valid: mine }).toEqual({ value, valid: other });
      }),
      { numRuns: 2_000 },
    );
  });

  it("decides about a long string without going back and forth in it", () => {
    for (const piece of [...valid, "a", "1:", "%41", ".", "a@", ":"].filter((text) => text !== "")) {
      expect(ours(`${piece.repeat(100_000 / piece.length)}\n`)).toBe(ours(`${piece.repeat(1_000 / piece.length)}\n`));
    }
  });
});

describe("what RFC 3986 refuses and protovalidate takes", () => {
  it.each(["1:2:3:4:5:6:7:8:%a", "::1:%a", "1:2:3:4:5:6::1.2.3.4"])("isIp refuses %j", (value) => expect(isIp(value)).toBe(false));
  it.each(["::1:/64", "1:2:3:4:5:6:7:8:/64"])("isIpPrefix refuses %j", (value) => expect(isIpPrefix(value)).toBe(false));
  it.each(["a:b?//[::1]", "a:b#//[::1]"])("isUriRef refuses %j", (value) => expect(isUriRef(value)).toBe(false));
});

/** One of the examples, or two of them joined, with up to 3 characters changed, removed, doubled or added. */
function nearly(valid: readonly string[], invalid: readonly string[]): fc.Arbitrary<string> {
  const example = fc.constantFrom(...valid, ...valid, ...invalid);
  const character = fc.constantFrom(..."019aAfFgGzZ.:/%[]@?#-_~!,;= \t\n\0\u007fé25", "::", "%25", "//", "%41", "%C3", "\u{1F600}");
  const change = fc.record({ at: fc.nat(40), remove: fc.nat(2), insert: fc.array(character, { maxLength: 2 }) });
  const start = fc.oneof({ weight: 4, arbitrary: example }, { weight: 1, arbitrary: fc.tuple(example, example).map(([a, b]) => a + b) });
  return fc.tuple(start, fc.array(change, { maxLength: 3 })).map(([text, changes]) =>
    changes
      .reduce((current, { at, remove, insert }) => {
        const index = Math.min(at, current.length);
        return current.slice(0, index) + insert.join("") + current.slice(index + remove);
      }, text)
      .toWellFormed(),
  );
}
