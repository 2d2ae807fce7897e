import { feedSource } from "@org/bus-connect-http";
import { z } from "zod";

const schema = z.object({ id: z.string(), key: z.string() });

export const createSource = (url: unknown) =>
  feedSource<z.output<typeof schema>>({ url: String(url), order: "oldest-first", intervalMs: 20, timeoutMs: 2000, schema });

export const idOf = (value: unknown): string => (value as { readonly id: string }).id;
