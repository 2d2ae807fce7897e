import { webhookSource } from "@org/bus-connect-http";

export const createSource = (port: unknown) => webhookSource<{ readonly id: string }>({ port: Number(port), retryAfterSeconds: 0 });

export const idOf = (value: unknown): string => (value as { readonly id: string }).id;
