import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import type { OpenPart } from "@org/bus-connect-file/internal";
import { BusError } from "@org/bus-core";
import { isConditionBroken, toBusError } from "../client/errors.js";
import { abortUploads } from "./abort-uploads.js";
import type { ObjectStoreOptions } from "./object-store.js";

/** An object in the making: put at once when it is small, uploaded in parts while it grows when it is large. */
export class ObjectPart implements OpenPart {
  readonly #client: S3Client;
  readonly #options: ObjectStoreOptions & { readonly key: string };
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #uploadId: string | undefined;
  readonly #uploaded: { readonly PartNumber: number; readonly ETag: string | undefined }[] = [];

  constructor(client: S3Client, options: ObjectStoreOptions & { readonly key: string }) {
    this.#client = client;
    this.#options = options;
  }

  async append(bytes: Uint8Array): Promise<void> {
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    if (this.#heldBytes >= this.#options.uploadPartBytes) await this.#told(() => this.#upload());
  }

  async finish(replaces: string | undefined): Promise<string> {
    const { conditionalWrites } = this.#options;
    const condition = !conditionalWrites ? {} : replaces === undefined ? { IfNoneMatch: "*" } : { IfMatch: replaces };
    return await this.#told(async () => {
      if (this.#uploadId === undefined) {
        const { ETag } = await this.#client.send(new PutObjectCommand({ ...this.#place, ...condition, Body: this.#take() }));
        return ETag ?? "";
      }
      if (this.#heldBytes > 0) await this.#upload();
      const upload = { UploadId: this.#uploadId, MultipartUpload: { Parts: this.#uploaded } };
      const { ETag } = await this.#client.send(new CompleteMultipartUploadCommand({ ...this.#place, ...condition, ...upload }));
      this.#uploadId = undefined;
      return ETag ?? "";
    });
  }

  async discard(): Promise<void> {
    this.#take();
    if (this.#uploadId === undefined) return;
    await this.#told(() => this.#client.send(new AbortMultipartUploadCommand({ ...this.#place, UploadId: this.#uploadId })));
    this.#uploadId = undefined;
  }

  get #place(): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.#options.bucket, Key: this.#options.key };
  }

  #take(): Buffer {
    const bytes = Buffer.concat(this.#held);
    this.#held = [];
    this.#heldBytes = 0;
    return bytes;
  }

  async #upload(): Promise<void> {
    this.#uploadId ??= await this.#begin();
    const number = this.#uploaded.length + 1;
    const part = new UploadPartCommand({ ...this.#place, UploadId: this.#uploadId, PartNumber: number, Body: this.#take() });
    const { ETag } = await this.#client.send(part);
    this.#uploaded.push({ PartNumber: number, ETag });
  }

  /** What a crash has left of this object is in the way of nothing, but is paid for. */
  async #begin(): Promise<string | undefined> {
    await abortUploads(this.#client, this.#options.bucket, this.#options.key);
    return (await this.#client.send(new CreateMultipartUploadCommand(this.#place))).UploadId;
  }

  async #told<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const { bucket, key } = this.#options;
      if (!isConditionBroken(error)) throw toBusError(error, bucket);
      // whoever else writes this partition has been given it; or our own answer was lost, and the object is there
      throw new BusError("fenced", `another process has written ${key} meanwhile, this one begins anew from the stored position`, {
        cause: error,
        retryable: true,
      });
    }
  }
}
