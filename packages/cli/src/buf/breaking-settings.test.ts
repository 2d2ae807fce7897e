import { describe, expect, it } from "vitest";
import { isAllowed, settingsForBuf } from "./breaking-settings.js";

const allowed = (settings: Parameters<typeof isAllowed>[0], packageName = "shop.v1") =>
  isAllowed(settings, "TOPIC_SAME_OWNER", "/project/proto/shop/v1/order.proto", packageName);

describe("isAllowed", () => {
  it("allows nothing by default", () => {
    expect(allowed(undefined)).toBe(false);
    expect(allowed({ except: [], ignore: [], ignore_only: {}, ignore_unstable_packages: true })).toBe(false);
  });

  it.each([
    [{ except: ["TOPIC_SAME_OWNER"] }],
    [{ except: ["TOPIC"] }],
    [{ ignore: ["/project/proto/shop"] }],
    [{ ignore_only: { TOPIC_SAME_OWNER: ["/project/proto/shop/v1/order.proto"] } }],
    [{ ignore_only: { TOPIC: ["/project/proto"] } }],
  ])("allows what %j says", (settings) => {
    expect(allowed(settings)).toBe(true);
  });

  it.each([
    [{ except: ["TOPIC_SAME_NAME"] }],
    [{ ignore: ["/project/proto/sho"] }],
    [{ ignore_only: { TOPIC_SAME_NAME: ["/project/proto"] } }],
    [{ ignore_only: { TOPIC_SAME_OWNER: ["/project/proto/shop/v1/other.proto"] } }],
  ])("allows nothing more than %j says", (settings) => {
    expect(allowed(settings)).toBe(false);
  });

  it("lets unstable packages change where the settings say so", () => {
    const unstable = ["shop.v1alpha1", "shop.v1beta1", "shop.v2p1alpha1", "v1alpha", "shop.v1test", "shop.v1testing"];
    expect(unstable.filter((name) => allowed({ ignore_unstable_packages: true }, name))).toEqual(unstable);
    expect(["shop.v1", "shop.alpha", "shop.v1.alpha1"].filter((name) => allowed({ ignore_unstable_packages: true }, name))).toEqual([]);
  });
});

describe("settingsForBuf", () => {
  it("takes our rules out, and leaves the others", () => {
    const settings = {
      use: ["WIRE", "TOPIC"],
      except: ["TOPIC_SAME_OWNER", "FIELD_SAME_NAME"],
      ignore: ["a"],
      ignore_only: { TOPIC: ["b"], FIELD_SAME_TYPE: ["c"] },
      ignore_unstable_packages: true,
    };
    expect(settingsForBuf(settings)).toEqual({
      use: ["WIRE"],
      except: ["FIELD_SAME_NAME"],
      ignore: ["a"],
      ignore_only: { FIELD_SAME_TYPE: ["c"] },
      ignore_unstable_packages: true,
    });
    expect(settingsForBuf(undefined)).toBeUndefined();
  });
});
