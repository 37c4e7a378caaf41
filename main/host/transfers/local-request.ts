import { z } from 'zod';
import { requestSchemaWith, type TransferRequest } from '../../../shared/contract/transfer-request.ts';
import type { GrantedUse } from '../files/file-grants.ts';

/** Characters of a path. */
const PATH_LIMIT = 32 * 1024;

const localRequestSchema = requestSchemaWith(z.string().max(PATH_LIMIT));

/** A request as the services keep it: files are absolute paths of this machine. */
export type LocalRequest = TransferRequest;
export type LocalRequestOf<Kind extends LocalRequest['kind']> = Extract<
  LocalRequest,
  { readonly kind: Kind }
>;

/** A request that the journal kept; undefined when it is of another version. */
export function readLocalRequest(kept: unknown): LocalRequest | undefined {
  const parsed = localRequestSchema.safeParse(kept);
  return parsed.success ? parsed.data : undefined;
}

/** The request with other names for its files. */
export function withFiles(
  request: TransferRequest,
  name: (file: string, use: GrantedUse) => string,
): TransferRequest {
  switch (request.kind) {
    case 'push':
    case 'attach': {
      const files = request.files.map((each) => ({ ...each, file: name(each.file, 'read') }));
      const { config } = request;
      if (config?.file === undefined) return { ...request, files };
      return { ...request, files, config: { ...config, file: name(config.file, 'read') } };
    }
    case 'pull':
      return { ...request, folder: name(request.folder, 'write-folder') };
    case 'copy':
      return 'layout' in request.to
        ? { ...request, to: { layout: name(request.to.layout, 'write-folder') } }
        : request;
    case 'import':
      return { ...request, file: name(request.file, 'read') };
    case 'export':
      return { ...request, file: name(request.file, 'write-file') };
    case 'delete':
      return request;
  }
}

/** Paths from which a request reads. */
export function filesReadBy(request: LocalRequest): readonly string[] {
  const files: string[] = [];
  withFiles(request, (file, use) => {
    if (use === 'read') files.push(file);
    return file;
  });
  return files;
}
