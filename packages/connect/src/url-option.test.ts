import { describe, expect, it } from "vitest";
import { secret } from "./secret.js";
import { revealUrl, shownUrl, urlOption } from "./url-option.js";

const option = urlOption(["amqp", "amqps"]);

const faultOf = (value: unknown) => option.safeParse(value).error?.issues.map(({ message }) => message);

describe("urlOption", () => {
  it("takes addresses of its protocols and secrets", () => {
    expect(option.parse("amqp://user@host:5672/vhost")).toBe("amqp://user@host:5672/vhost");
    const reference = secret("RABBITMQ_URL");
    expect(option.parse(reference)).toBe(reference);
  });

  it("refuses a password in text, also in one that is no address, and does not repeat it", () => {
    const message = 'holds a password, which no code should: pass the address by reference, such as secret("AMQP_URL")';
    expect(faultOf("amqp://user:hunter2@host")).toEqual([message]);
    expect(faultOf("http//user:hunter2@")).toEqual([message]);
  });

  it("says which protocols there are", () => {
    expect(faultOf("http://host")).toEqual(["must be an address with amqp:// or amqps://"]);
    expect(faultOf(17)).toEqual(["must be an address with amqp:// or amqps://, or a secret that holds one"]);
  });
});

describe("revealUrl and shownUrl", () => {
  it("tell the address, with and without its secrets", () => {
    process.env.URL_OPTION_TEST = "amqp://user:hunter2@host:5672/vhost?token=x";
    const url = revealUrl(secret("URL_OPTION_TEST"));
    expect(url).toBe("amqp://user:hunter2@host:5672/vhost?token=x");
    expect(shownUrl(url)).toBe("amqp://host:5672/vhost");
    expect(shownUrl("user:hunter2")).toBe("an address");
  });
});
