import { DeleteObjectCommand, GetObjectCommand, HeadObjectCommand, ListObjectsV2Command, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { FinishedPart, OpenPart, PartStore } from "@org/bus-connect-file/internal";
import { isAbsent, toBusError } from "../client/errors.js";
import { abortUploads } from "./abort-uploads.js";
import { ObjectPart } from "./object-part.js";

export interface ObjectStoreOptions {
  readonly bucket: string;
  readonly prefix: string;
  readonly conditionalWrites: boolean;
  readonly uploadPartBytes: number;
}

/** Parts as objects. One that is not finished is no object yet: it is in memory, or in an upload. */
export class ObjectStore implements PartStore {
  readonly #client: S3Client;
  readonly #options: ObjectStoreOptions;

  constructor(client: S3Client, options: ObjectStoreOptions) {
    this.#client = client;
    this.#options = options;
  }

  async create(folder: string, name: string): Promise<OpenPart> {
    return new ObjectPart(this.#client, { ...this.#options, key: this.#options.prefix + folder + name });
  }

  async takeOver(folder: string, prefix: string): Promise<readonly FinishedPart[]> {
    return await this.#told(async () => {
      const path = this.#options.prefix + folder;
      await abortUploads(this.#client, this.#options.bucket, path + prefix);
      const found: FinishedPart[] = [];
      let token: string | undefined;
      do {
        const list = { Bucket: this.#options.bucket, Prefix: path + prefix, ...(token !== undefined && { ContinuationToken: token }) };
        const page = await this.#client.send(new ListObjectsV2Command(list));
        for (const { Key: key = "", ETag: version = "" } of page.Contents ?? []) found.push({ name: key.slice(path.length), version });
        token = page.NextContinuationToken;
      } while (token !== undefined);
      return found;
    });
  }

  async note(folder: string, prefix: string, text: string): Promise<void> {
    await this.#told(() => this.#client.send(new PutObjectCommand({ ...this.#notePlace(folder, prefix), Body: text })));
  }

  async noted(folder: string, prefix: string): Promise<string | undefined> {
    return await this.#told(async () => {
      try {
        const { Body } = await this.#client.send(new GetObjectCommand(this.#notePlace(folder, prefix)));
        return await Body?.transformToString();
      } catch (error) {
        if (isAbsent(error)) return undefined;
        throw error;
      }
    });
  }

  /** Engines that read a folder as a table leave alone what begins with a dot. */
  #notePlace(folder: string, prefix: string): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.#options.bucket, Key: `${this.#options.prefix}${folder}.${prefix}ends` };
  }

  async remove(folder: string, { name, version }: FinishedPart): Promise<void> {
    await this.#told(async () => {
      const place = { Bucket: this.#options.bucket, Key: this.#options.prefix + folder + name };
      try {
        const { ETag } = await this.#client.send(new HeadObjectCommand(place));
        if (ETag === version) await this.#client.send(new DeleteObjectCommand(place));
      } catch (error) {
        if (!isAbsent(error)) throw error;
      }
    });
  }

  /** Those of a crash; and of a process that has lost the partition, which then cannot finish them. */
  async #told<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw toBusError(error, this.#options.bucket);
    }
  }
}
