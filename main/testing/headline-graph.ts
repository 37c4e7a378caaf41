import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What was pushed, by digest, for tests that compare. */
export interface HeadlineGraph {
  readonly reference: string;
  readonly tag: string;
  readonly image: string;
  readonly sbom: string;
  readonly report: string;
  /** PEM of the key that checks cosign's signatures. */
  readonly publicKey: string;
}

/**
 * Pushes the graph of issue texts with the real clients: an image (crane), an SPDX SBOM attached to it and a SARIF report
 * attached to the SBOM (oras attach), and three cosign signatures of the image, one in each storage mode (bundle as a
 * referrer, classic `.sig` tag, OCI 1.1 referrer). Keyed and offline: no transparency log.
 */
export async function pushHeadlineGraph(options: {
  /** Folder with crane, oras and cosign. */
  readonly peers: string;
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  readonly repository: string;
  readonly tag?: string;
}): Promise<HeadlineGraph> {
  const folder = await mkdtemp(path.join(tmpdir(), 'tallyman-headline-'));
  const environment = {
    ...process.env,
    PATH: `${options.peers}:${process.env['PATH'] ?? ''}`,
    HOME: folder, // neither credentials nor caches of the person who runs the tests
    DOCKER_CONFIG: folder,
    COSIGN_PASSWORD: 'only-for-this-run',
  };
  const tool = async (
    name: string,
    arguments_: readonly string[],
    extra: Record<string, string> = {},
  ): Promise<string> => {
    const { stdout } = await run(path.join(options.peers, name), [...arguments_], {
      cwd: folder,
      env: { ...environment, ...extra },
    });
    return stdout.trim();
  };
  try {
    const tag = options.tag ?? '1.0.0';
    const reference = `${options.host}/${options.repository}`;
    await writeFile(path.join(folder, 'hello.txt'), `hello from ${options.repository}:${tag}\n`);
    await writeFile(path.join(folder, 'app.spdx.json'), JSON.stringify(spdxDocument(options.repository)));
    await writeFile(path.join(folder, 'scan.sarif'), JSON.stringify(sarifDocument()));
    await run('tar', ['cf', 'layer.tar', 'hello.txt'], { cwd: folder });
    await tool('crane', [
      'append',
      '--insecure',
      '--oci-empty-base',
      '-f',
      'layer.tar',
      '-t',
      `${reference}:${tag}`,
    ]);
    const image = await tool('crane', ['digest', '--insecure', `${reference}:${tag}`]);
    const attach = async (subject: string, type: string, file: string): Promise<string> => {
      const answer = await tool('oras', [
        'attach',
        '--plain-http',
        '--format',
        'json',
        '--artifact-type',
        type,
        `${reference}@${subject}`,
        `${file}:${type}`,
      ]);
      return (JSON.parse(answer) as { readonly digest: string }).digest;
    };
    const sbom = await attach(image, 'application/spdx+json', 'app.spdx.json');
    const report = await attach(sbom, 'application/sarif+json', 'scan.sarif');

    await tool('cosign', ['generate-key-pair']);
    const sign = [
      'sign',
      '--yes',
      '--key',
      'cosign.key',
      '--use-signing-config=false',
      '--tlog-upload=false',
      '--allow-http-registry',
    ];
    await tool('cosign', [...sign, `${reference}@${image}`]);
    await tool('cosign', [...sign, '--new-bundle-format=false', `${reference}@${image}`]);
    await tool(
      'cosign',
      [...sign, '--new-bundle-format=false', '--registry-referrers-mode=oci-1-1', `${reference}@${image}`],
      {
        COSIGN_EXPERIMENTAL: '1',
      },
    );
    const publicKey = await readFile(path.join(folder, 'cosign.pub'), 'utf8');
    return { reference: `${reference}:${tag}`, tag, image, sbom, report, publicKey };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function spdxDocument(name: string): unknown {
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name,
    documentNamespace: `https://tallyman.invalid/spdx/${name}`,
    creationInfo: { created: '2026-01-02T03:04:05Z', creators: ['Tool: tallyman-tests'] },
    packages: [
      {
        SPDXID: 'SPDXRef-Package-hello',
        name: 'hello',
        versionInfo: '1.0.0',
        downloadLocation: 'NOASSERTION',
        filesAnalyzed: false,
      },
    ],
    relationships: [
      {
        spdxElementId: 'SPDXRef-DOCUMENT',
        relationshipType: 'DESCRIBES',
        relatedSpdxElement: 'SPDXRef-Package-hello',
      },
    ],
  };
}

function sarifDocument(): unknown {
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'tallyman-tests', rules: [{ id: 'T1' }] } },
        results: [{ ruleId: 'T1', level: 'note', message: { text: 'One finding.' } }],
      },
    ],
  };
}
