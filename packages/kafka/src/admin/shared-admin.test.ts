import { describe, expect, test } from "vitest";
import { SharedAdmin } from "./shared-admin.js";

/** A connection that tells what was asked of it. */
function connection(connect: () => Promise<void> = async () => {}) {
  const calls: string[] = [];
  return {
    calls,
    connect: () => {
      calls.push("connect");
      return connect();
    },
    disconnect: async () => {
      calls.push("disconnect");
    },
  };
}

describe("SharedAdmin", () => {
  test("disconnects when the last call of a retired one has ended, not before", async () => {
    const admin = connection();
    const shared = new SharedAdmin(admin);
    let finish = () => {};
    const call = shared.use(
      () =>
        new Promise<void>((resolve) => {
          finish = resolve;
        }),
    );
    const failed = shared.use(() => Promise.reject(new Error("the other call failed")));
    await expect(failed).rejects.toThrow("the other call failed");
    shared.retire();
    shared.retire();
    expect(admin.calls).toEqual(["connect"]);
    finish();
    await call;
    await shared.closed;
    expect(admin.calls).toEqual(["connect", "disconnect"]);
  });

  test("disconnects at once when nobody uses it", async () => {
    const admin = connection();
    const shared = new SharedAdmin(admin);
    expect(await shared.use(async () => 1)).toBe(1);
    shared.retire();
    await shared.closed;
    expect(admin.calls).toEqual(["connect", "disconnect"]);
  });

  test("tells who uses it that it could not connect, and closes all the same", async () => {
    const admin = connection(() => Promise.reject(new Error("refused")));
    const shared = new SharedAdmin(admin);
    await expect(shared.use(async () => 1)).rejects.toThrow("refused");
    shared.retire();
    await shared.closed;
    expect(admin.calls).toEqual(["connect"]);
  });
});
