import { createHash } from 'node:crypto';
import path from 'node:path';
import { runCommandLine } from '../../main/host/command-line/command-line.ts';
import { fixtures } from '../../main/testing/surroundings.ts';
import { TallymanWindow } from '../pages/tallyman-window.ts';
import { savedBy } from '../support/downloads.ts';
import { expect, test } from '../support/test.ts';

const corpus = fixtures();
const layout = path.join(corpus ?? '', 'oci', 'graph-oras.layout');
test.skip(corpus === undefined, 'needs the fixtures (TALLYMAN_FIXTURES)');

interface GraphFile {
  readonly root: string;
  readonly nodes: readonly { readonly digest: string }[];
  readonly edges: readonly { readonly from: string; readonly to: string; readonly via: readonly string[] }[];
}

test('the graph is saved as the JSON of the command line, as a drawing and as a picture', async ({
  app,
  temporaryFolder,
}) => {
  const window = new TallymanWindow(app.page);
  const { artifact } = window;
  await window.open(`${layout}:1.4.0`);
  await expect.poll(async () => (await artifact.cardWords()).length).toBe(12);

  const json = await savedBy(app, temporaryFolder, () => artifact.chooseExport('JSON'));
  expect(json.name).toMatch(/1\.4\.0\.json$/);
  const graph = JSON.parse(json.bytes.toString()) as GraphFile;
  expect(inOrder(graph)).toEqual(inOrder(await printedGraph(`${layout}:1.4.0`, temporaryFolder)));

  const svg = await savedBy(app, temporaryFolder, () => window.openBar.run('Export graph as SVG…'));
  expect(svg.name).toMatch(/\.svg$/);
  const drawing = svg.bytes.toString();
  const elements = [...drawing.matchAll(/<([^\s/>]+)([^>]*)>/g)].filter(([tag]) => !tag.startsWith('</'));
  const [root] = elements;
  expect(root?.[1]).toBe('svg');
  for (const [tag, name = '', attributes = ''] of elements) {
    expect(name, tag).toMatch(/^(?:svg|g|path|rect|text|tspan|circle|ellipse|line|polyline|polygon|title)$/);
    expect(attributes, tag).not.toMatch(/\s(?:on\w+|(?:xlink:)?href|src|style)=/i);
  }
  expect(drawing).toContain('SBOM · SPDX');
  expect(drawing).toContain('layout link');
  const [width, height] = ['width', 'height'].map((side) =>
    Number(new RegExp(`\\s${side}="(\\d+)"`).exec(root?.[2] ?? '')?.[1]),
  );

  // Painted from the same drawing by the browser's own reader of XML.
  const png = await savedBy(app, temporaryFolder, () => artifact.chooseExport('PNG'));
  expect(png.name).toMatch(/\.png$/);
  expect(png.bytes.subarray(0, 8)).toEqual(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'));
  // Twice the drawing, for screens with small pixels.
  expect([png.bytes.readUInt32BE(16), png.bytes.readUInt32BE(20)]).toEqual([width! * 2, height! * 2]);
});

test('the bytes of a blob are saved as they are, under its name', async ({ app, temporaryFolder }) => {
  const window = new TallymanWindow(app.page);
  await window.open(`${layout}:1.4.0`);
  await window.artifact.isComplete();
  await window.artifact.showAs('Tree');
  await window.artifact.unfoldContent();
  await window.artifact.selectRow('sbom.spdx.json');
  const digest = (await window.inspector.fact('Digest').textContent()) ?? '';
  await window.inspector.show('Raw');
  const { name, bytes } = await savedBy(app, temporaryFolder, () => window.inspector.save());
  expect(name).toBe('sbom.spdx.json');
  expect(`sha256:${createHash('sha256').update(bytes).digest('hex')}`).toBe(digest);
});

/** What `tallyman graph PLACE --json` prints. */
async function printedGraph(place: string, homeFolder: string): Promise<GraphFile> {
  let printed = '';
  let complaint = '';
  const code = await runCommandLine(['graph', place, '--json'], {
    environment: {},
    workingDirectory: '/',
    homeFolder,
    version: 'test',
    signal: new AbortController().signal,
    stdout: (text) => (printed += text),
    stderr: (text) => (complaint += text),
  });
  expect({ code, complaint }).toEqual({ code: 0, complaint: '' });
  return JSON.parse(printed) as GraphFile;
}

/** The same graph whatever order it was found in. */
function inOrder({ nodes, edges, ...rest }: GraphFile): unknown {
  const ends = ({ from, to }: GraphFile['edges'][number]): string => `${from} ${to}`;
  return {
    ...rest,
    nodes: [...nodes].sort((a, b) => a.digest.localeCompare(b.digest)),
    edges: [...edges]
      .map((edge) => ({ ...edge, via: [...edge.via].sort() }))
      .sort((a, b) => ends(a).localeCompare(ends(b))),
  };
}
