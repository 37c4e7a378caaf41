import { describe, expect, it } from 'vitest';
import type { TransferRequest } from '../contract/transfer-request.ts';
import { equalTransferCommand } from './equal-transfer-command.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const REPOSITORY = { source: 'registry:ghcr.io', repository: 'org/app' };
const PLAIN = { source: 'registry:127.0.0.1:5000', repository: 'app' };
const LAYOUT = { source: 'layout:/data/release' };

const command = (request: TransferRequest): string | undefined =>
  equalTransferCommand(request, (source) => ({
    plainHttp: source.includes('127.0.0.1'),
    ...(source === 'local' ? { location: '/home/me/store' } : {}),
  }));

describe('the equal command line of a job', () => {
  it.each<readonly [string, TransferRequest]>([
    [
      "cd /files && oras push --artifact-type application/vnd.x --annotation a=b 'ghcr.io/org/app:v1,latest' a.txt:text/plain b",
      {
        kind: 'push',
        target: REPOSITORY,
        files: [{ file: '/files/a.txt', mediaType: 'text/plain' }, { file: '/files/b' }],
        artifactType: 'application/vnd.x',
        annotations: { a: 'b' },
        tags: ['v1', 'latest'],
      },
    ],
    [
      "cd '/my files' && oras push --plain-http 127.0.0.1:5000/app 'it'\\''s'",
      { kind: 'push', target: PLAIN, files: [{ file: "/my files/it's" }], tags: [] },
    ],
    [
      'helm push /files/chart-1.2.3.tgz oci://ghcr.io/org',
      {
        kind: 'push',
        target: REPOSITORY,
        files: [{ file: '/files/chart-1.2.3.tgz' }],
        form: 'chart',
        tags: ['1.2.3'],
      },
    ],
    [
      `cd /files && oras attach --artifact-type application/spdx+json --oci-layout /data/release@${DIGEST} s.json:application/spdx+json`,
      {
        kind: 'attach',
        target: LAYOUT,
        files: [{ file: '/files/s.json', mediaType: 'application/spdx+json' }],
        artifactType: 'application/spdx+json',
        subject: DIGEST,
      },
    ],
    [
      'oras pull --output /out --keep-old-files --platform linux/arm64 ghcr.io/org/app:v1',
      {
        kind: 'pull',
        target: REPOSITORY,
        reference: 'v1',
        folder: '/out',
        existing: 'keep',
        platform: { os: 'linux', architecture: 'arm64' },
      },
    ],
    [
      `oras blob fetch --output /out/config.json ghcr.io/org/app@${DIGEST}`,
      {
        kind: 'pull',
        target: REPOSITORY,
        reference: 'v1',
        folder: '/out',
        existing: 'overwrite',
        blob: { digest: DIGEST, mediaType: 'a/b', size: 1, name: 'config.json' },
      },
    ],
    [
      'oras cp -r --from-plain-http --to-oci-layout 127.0.0.1:5000/app:v1 /home/me/store:v1',
      {
        kind: 'copy',
        from: { target: PLAIN, reference: 'v1' },
        to: { target: { source: 'local' } },
        referrers: true,
      },
    ],
    [
      `oras cp --to-oci-layout ghcr.io/org/app@${DIGEST} /new`,
      {
        kind: 'copy',
        from: { target: REPOSITORY, reference: DIGEST },
        to: { layout: '/new' },
        referrers: false,
      },
    ],
    ['regctl image import ghcr.io/org/app /in.tar', { kind: 'import', file: '/in.tar', target: REPOSITORY }],
    [
      'regctl image export --platform linux/amd64 ocidir:///data/release:v1 /out.tar',
      {
        kind: 'export',
        from: { target: LAYOUT, reference: 'v1' },
        file: '/out.tar',
        referrers: false,
        platform: { os: 'linux', architecture: 'amd64' },
      },
    ],
    [
      `oras manifest delete --force ghcr.io/org/app@${DIGEST}`,
      { kind: 'delete', target: REPOSITORY, reference: DIGEST, referrers: false },
    ],
  ])('is “%s”', (line, request) => {
    expect(command(request)).toBe(line);
  });

  it.each<readonly [string, TransferRequest]>([
    [
      'files of two folders',
      { kind: 'push', target: REPOSITORY, files: [{ file: '/a/x' }, { file: '/b/y' }], tags: [] },
    ],
    [
      'files with other titles',
      { kind: 'push', target: REPOSITORY, files: [{ file: '/a/x', title: 'y' }], tags: [] },
    ],
    [
      'a name that would be a flag',
      { kind: 'push', target: REPOSITORY, files: [{ file: '/a/--password-stdin' }], tags: [] },
    ],
    [
      'files that are renamed',
      { kind: 'pull', target: REPOSITORY, reference: 'v1', folder: '/out', existing: 'rename' },
    ],
    [
      'an export with referrers',
      { kind: 'export', from: { target: LAYOUT, reference: 'v1' }, file: '/out.tar', referrers: true },
    ],
    ['a deletion with referrers', { kind: 'delete', target: REPOSITORY, reference: DIGEST, referrers: true }],
    [
      'a folder whose name has a colon',
      { kind: 'delete', target: { source: 'layout:/a:b' }, reference: DIGEST, referrers: false },
    ],
    ['a name that is no tag', { kind: 'delete', target: REPOSITORY, reference: '--help', referrers: false }],
  ])('is not there for %s, which no tool does so', (_what, request) => {
    expect(command(request)).toBeUndefined();
  });
});
