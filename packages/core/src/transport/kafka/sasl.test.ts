import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import { principalOf, requestToken } from "./sasl.js";

const SECRET = "s3cret-x7";
let close = (): void => {};
afterEach(() => close());

/** A token endpoint that answers everything the same; resolves to its address and what it was asked. */
async function tokenEndpoint(
  status: number,
  body: string,
): Promise<{ url: string; requests: { authorization: string | undefined; body: string }[] }> {
  const requests: { authorization: string | undefined; body: string }[] = [];
  const read = async (request: IncomingMessage) => Buffer.concat(await request.toArray()).toString();
  const server = createServer((request, response) => {
    void read(request).then((text) => {
      requests.push({ authorization: request.headers.authorization, body: text });
      response.writeHead(status).end(body);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  close = () => server.close().closeAllConnections();
  // a server on a TCP port has an AddressInfo
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`, requests };
}

const credentials = (tokenEndpointUrl: string) =>
  ({
    mechanism: "oauthbearer-client-credentials",
    tokenEndpoint: tokenEndpointUrl,
    clientId: "service a",
    clientSecret: SECRET,
    scope: "kafka",
  }) as const;

describe("requestToken", () => {
  test("exchanges client credentials for a token", async () => {
    const { url, requests } = await tokenEndpoint(200, JSON.stringify({ access_token: "the token", expires_in: 60 }));
    expect(await requestToken(credentials(url))).toBe("the token");
    const authorization = `Basic ${Buffer.from(`service%20a:${SECRET}`).toString("base64")}`;
    expect(requests).toEqual([{ authorization, body: "grant_type=client_credentials&scope=kafka" }]);
  });

  test.each([
    [401, "{}", "answered 401"],
    [200, "{}", "answered without an access_token"],
    [200, "<html>", "answered without an access_token"],
  ])("fails on %i %s, without the secret", async (status, body, why) => {
    const { url } = await tokenEndpoint(status, body);
    const error: unknown = await requestToken(credentials(url)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "not_authenticated", message: `the token endpoint ${new URL(url).origin} ${why}` });
    expect(inspect(error, { depth: 10 })).not.toContain(SECRET);
  });
});

describe("principalOf", () => {
  test("names the user, never the secret", () => {
    expect(principalOf({ mechanism: "plain", username: "alice", password: SECRET })).toBe("user alice");
    expect(principalOf(credentials("http://x"))).toBe("user service a");
    expect(principalOf(undefined)).toBe("this client (not logged in)");
  });
});
