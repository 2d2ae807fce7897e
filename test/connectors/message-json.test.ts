import { jsonText, messageJson } from "@org/bus-connect";
import type { AnyContract } from "@org/bus-core";
import { describe, expect, it } from "vitest";
import { Article } from "../contracts/gen/shop/v1/shop.js";

const article = Article.decode(
  Article.encode({
    sku: "A-1",
    title: "",
    priceCents: 2n ** 53n + 1n,
    views: 7n,
    rating: Number.POSITIVE_INFINITY,
    tags: ["new"],
    updatedAt: { seconds: 1_700_000_000n, nanos: 1_000 },
    delivery: { seconds: -1n, nanos: -500_000_000 },
    thumbnail: new Uint8Array([1, 2]),
    stock: new Map([["oslo", 3n]]),
    maker: { name: "m", since: new Date(0), employees: 12n },
    offer: { case: "voucher", value: "SALE" },
  }),
);

const json = {
  sku: "A-1",
  title: "",
  priceCents: "9007199254740993",
  views: "7",
  rating: "Infinity",
  tags: ["new"],
  updatedAt: "2023-11-14T22:13:20.000001Z",
  delivery: "-1.500s",
  thumbnail: "AQI=",
  stock: { oslo: "3" },
  maker: { name: "m", since: "1970-01-01T00:00:00Z", employees: "12" },
  voucher: "SALE",
};

describe("messageJson", () => {
  it("is what Protobuf says of each kind of field", () => {
    expect(messageJson(Article, article)).toEqual(json);
    expect(JSON.parse(jsonText(article, Article) ?? "")).toEqual(json);
  });

  it("leaves a contract that does not describe itself to plain JSON", () => {
    const { describe: _, ...silent }: AnyContract = Article;
    expect(messageJson(silent, article)).toBeUndefined();
    expect(JSON.parse(jsonText({ count: 1n, bytes: Buffer.from("a") }, silent) ?? "")).toEqual({ count: "1", bytes: "YQ==" });
  });
});
