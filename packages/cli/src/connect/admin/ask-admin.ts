import { messageOf } from "@org/bus-core/internal";
import { CommandFailure } from "../../failure.js";

/** Asks the admin API of a running `bus connect run`. @throws {CommandFailure} with what it answers, or why it cannot be reached */
export async function askAdmin<T>(
  url: string,
  path: string,
  { method = "GET", body }: { readonly method?: string; readonly body?: unknown } = {},
): Promise<T> {
  const token = process.env.BUS_ADMIN_TOKEN;
  const headers = {
    ...(token ? { authorization: `Bearer ${token}` } : {}),
    ...(body === undefined ? {} : { "content-type": "application/json" }),
  };
  let response: Response;
  try {
    response = await fetch(new URL(path, url), { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  } catch (error) {
    throw new CommandFailure(`${url} cannot be reached: ${messageOf((error as Error).cause ?? error)} (is bus connect run at work there?)`);
  }
  const answer = (await response.json().catch(() => ({}))) as T & { readonly error?: string };
  if (response.status === 401) throw new CommandFailure(`${url}: a bearer token is needed: set BUS_ADMIN_TOKEN to that of the process there`);
  if (!response.ok && path !== "/health") throw new CommandFailure(answer.error ?? `${url} answered ${response.status}`);
  return answer;
}
