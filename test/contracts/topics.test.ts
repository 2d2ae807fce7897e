import type { CompactedContract, Contract, DeliveredOf, UnrecognizedEnumValue } from "@org/bus-core";
import { describe, expect, expectTypeOf, it } from "vitest";
import { canary } from "../support/canary.js";
import { type Color, Everything, type EverythingInit } from "./gen/everything/v1/everything.js";
import { Certificate, Counter, Device, Login, Person, type PersonInit } from "./gen/topics/v1/topics.js";

describe("a generated contract", () => {
  it("declares the topic of the .proto", () => {
    expect(Person.topic).toEqual({
      name: "people",
      keyField: "id.number",
      partitions: 3,
      retentionMs: -1,
      cleanup: "compact",
      owner: { team: "people", channel: "#people" },
    });
    expect(Login.topic).toEqual({
      name: "logins",
      keyField: "session",
      partitions: 1,
      cleanup: "delete",
      owner: { team: "people", channel: "#people" },
    });
    expect([Person.typeName, Everything.topic]).toEqual(["topics.v1.Person", undefined]);
  });

  it("takes the key from the field that the topic names", () => {
    expect(Buffer.from(Person.key({ id: { number: -7n } }) ?? []).toString()).toBe("-7");
    expect(Buffer.from(Person.key({ id: {} }) ?? []).toString()).toBe("0");
    expect(Login.key({ session: Uint8Array.of(1, 2) })).toEqual(Uint8Array.of(1, 2));
    expect([Login.key({}), Everything.key({ stringValue: "a" })]).toEqual([null, null]);
  });

  it("refuses a message without the key of its compacted topic", () => {
    const missing = (path: string) => [{ path, rule: "required", message: "must not be empty: it is the key of a compacted topic" }];
    expect(Device.validate({})).toEqual(missing("serial"));
    expect(Device.validate({ serial: "" })).toEqual(missing("serial"));
    expect(Device.validate({ serial: "a", parent: {} })).toEqual([]);
    expect(Certificate.validate({})).toEqual(missing("authority.fingerprint"));
    expect(Certificate.validate({ authority: {} })).toEqual(missing("authority.fingerprint"));
    expect(Certificate.validate({ authority: { fingerprint: new Uint8Array() } })).toEqual(missing("authority.fingerprint"));
    expect(Certificate.validate({ authority: { fingerprint: Uint8Array.of(1) } })).toEqual([]);
    expect(Counter.validate({})).toEqual(missing("id"));
    expect([Counter.validate({ id: 0 }), Person.validate({ id: {} })]).toEqual([[], []]);
  });

  it("finds a fault of the key field itself only once", () => {
    expect(Device.validate({ serial: 5 }).map(({ path, rule }) => [path, rule])).toEqual([["serial", "type"]]);
    expect(Person.validate({}).map(({ path, rule }) => [path, rule])).toEqual([["id", "required"]]);
    expect(Certificate.validate({ authority: 5 }).map(({ path, rule }) => [path, rule])).toEqual([["authority", "type"]]);
    expect(Device.validate(null).map(({ path, rule }) => [path, rule])).toEqual([["", "type"]]);
  });

  it("says of which kind the key of a compacted topic is", () => {
    expect([Device.keyKind, Certificate.keyKind, Person.keyKind]).toEqual(["text", "bytes", "integer"]);
  });

  it("lists sensitive fields, and tells nothing of their values", () => {
    expect(Person.sensitiveFields).toEqual(["id.passport", "name", "age", "accounts"]);
    const faults = Person.validate({ id: { passport: 5 }, name: `${canary}ab`, age: 200, accounts: { [canary]: 5 } });
    expect(faults.map(({ path, message }) => `${path}: ${message}`)).toEqual([
      "id.passport: must be a string",
      "name: must be at most 5 characters",
      "age: must be less than 150",
      'accounts["…"]: must be a string',
    ]);
  });

  it("has the types of the .proto", () => {
    expectTypeOf(Person).toEqualTypeOf<CompactedContract<Person, PersonInit>>();
    expectTypeOf(Everything).toEqualTypeOf<Contract<Everything, EverythingInit>>();
    expectTypeOf<DeliveredOf<typeof Person>>().toEqualTypeOf<Person | undefined>();
    expectTypeOf<DeliveredOf<typeof Login>>().toEqualTypeOf<Login>();
    // what is decoded may be published again
    expectTypeOf<Everything>().toExtend<EverythingInit>();
    expectTypeOf<Everything["color"]>().toEqualTypeOf<Color | UnrecognizedEnumValue>();
    expectTypeOf<99>().not.toExtend<Everything["color"]>();
    expectTypeOf<Everything["int64Value"]>().toEqualTypeOf<bigint>();
    expectTypeOf<EverythingInit["textByText"]>().toEqualTypeOf<ReadonlyMap<string, string> | Readonly<Record<string, string>> | undefined>();
    expectTypeOf<{ name: string }>().not.toExtend<PersonInit>();
  });
});
