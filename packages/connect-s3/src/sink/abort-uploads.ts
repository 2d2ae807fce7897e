import { AbortMultipartUploadCommand, ListMultipartUploadsCommand, type ListMultipartUploadsCommandOutput, type S3Client } from "@aws-sdk/client-s3";

/** Ends the uploads that others have begun and not finished, and so what they hold. MinIO knows those of one key only, which `prefix` must be there. */
export async function abortUploads(client: S3Client, Bucket: string, Prefix: string): Promise<void> {
  for await (const { Uploads = [] } of unfinished(client, Bucket, Prefix)) {
    for (const { Key, UploadId } of Uploads) await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
  }
}

async function* unfinished(client: S3Client, Bucket: string, Prefix: string): AsyncIterable<ListMultipartUploadsCommandOutput> {
  let page: ListMultipartUploadsCommandOutput | undefined;
  do {
    const marker: { readonly KeyMarker?: string | undefined; readonly UploadIdMarker?: string | undefined } =
      page === undefined ? {} : { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
    page = await client.send(new ListMultipartUploadsCommand({ Bucket, Prefix, ...marker }));
    yield page;
  } while (page.IsTruncated === true);
}
