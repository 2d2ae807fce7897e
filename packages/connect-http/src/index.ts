export { feedSource } from "./feed/feed-source.js";
export { type FeedSourceOptions, feedSourceOptions } from "./feed/options.js";
export type { HeadersOption } from "./http/headers.js";
export { type SignatureOption, signatureOption } from "./signature/signature.js";
export { httpSink } from "./sink/http-sink.js";
export { type HttpAnswer, type HttpSinkOptions, httpSinkOptions } from "./sink/options.js";
export { type WebhookSourceOptions, webhookSourceOptions } from "./webhook/options.js";
export { webhookSource } from "./webhook/webhook-source.js";
