import type { Content, Description } from '../../../shared/contract/content.ts';
import type { GraphEdge, GraphNode } from '../../../shared/contract/graph.ts';
import type { FakeGraph } from './fake-graph.ts';

interface Asked {
  readonly digest: string;
  readonly mediaType: string;
  readonly size: number;
  readonly manifest: boolean;
}

/** The document of an invented node, made from its edges. */
export function fakeContent(graph: FakeGraph, asked: Asked): Content {
  const node = graph.nodes.find((each) => each.digest === asked.digest);
  const common = { digest: asked.digest, mediaType: asked.mediaType, size: asked.size, truncated: false };
  if (node?.error !== undefined && node.state !== 'refused') {
    return { ...common, state: node.state, error: node.error, form: 'binary', bytes: '' };
  }
  if (node?.kind === 'layer') {
    const bytes = btoa(
      String.fromCharCode(0x1f, 0x8b, 8, 0, ...Array.from({ length: 252 }, (_, at) => (at * 37) % 256)),
    );
    return { ...common, state: 'unchecked', form: 'binary', bytes, truncated: true };
  }
  return {
    ...common,
    state: 'ok',
    form: 'json',
    text: JSON.stringify(documentOf(graph, node, asked), null, 2),
  };
}

/** The facts of an invented node. */
export function fakeDescription(graph: FakeGraph, asked: Asked): Description {
  const node = graph.nodes.find((each) => each.digest === asked.digest);
  const children = graph.edges.filter((each) => each.from === asked.digest && isDown(each));
  const subject = graph.edges.find((each) => each.from === asked.digest && !isDown(each));
  const subjectNode = graph.nodes.find((each) => each.digest === subject?.to);
  return {
    digest: asked.digest,
    mediaType: asked.mediaType,
    ...(node?.artifactType === undefined ? {} : { artifactType: node.artifactType }),
    ...(node?.predicateType === undefined ? {} : { predicateType: node.predicateType }),
    kind: node?.kind ?? 'image',
    size: asked.size,
    totalSize: asked.size + 27_714_877,
    created: '2026-11-20T16:04:09Z',
    ...(node?.platform === undefined ? {} : { platform: node.platform }),
    ...(subjectNode === undefined
      ? {}
      : {
          subject: {
            role: 'subject',
            digest: subjectNode.digest,
            mediaType: subjectNode.mediaType,
            size: subjectNode.size,
          },
        }),
    links: children.flatMap((each, at) => {
      const child = graph.nodes.find((candidate) => candidate.digest === each.to);
      if (child === undefined) return [];
      const role =
        each.via[0] === 'child' ? child.title : each.via[0] === 'config' ? 'config' : `layer ${at}`;
      return [{ role, digest: child.digest, mediaType: child.mediaType, size: child.size }];
    }),
    annotations: node?.annotations ?? {},
    ...(node?.kind === 'image'
      ? {
          image: {
            author: 'Platform team',
            entrypoint: ['/usr/bin/app'],
            command: ['serve', '--port', '8080'],
            user: '65532:65532',
            workingDirectory: '/srv',
            environment: ['PATH=/usr/local/bin:/usr/bin:/bin', 'APP_ENV=production'],
            exposedPorts: ['8080/tcp'],
            labels: { 'org.opencontainers.image.version': '1.8.2' },
            history: [
              {
                created: '2026-11-19T08:00:00Z',
                createdBy: 'ADD rootfs.tar.xz / # buildkit',
                emptyLayer: false,
              },
              {
                created: '2026-11-20T16:04:09Z',
                createdBy: 'COPY app /usr/bin/app # buildkit',
                emptyLayer: false,
              },
              { created: '2026-11-20T16:04:09Z', createdBy: 'ENTRYPOINT ["/usr/bin/app"]', emptyLayer: true },
            ],
          },
        }
      : {}),
    errors: node?.error === undefined ? [] : [node.error],
  };
}

function isDown(each: GraphEdge): boolean {
  return each.via.some((via) => via === 'child' || via === 'config' || via === 'layer');
}

function documentOf(graph: FakeGraph, node: GraphNode | undefined, asked: Asked): unknown {
  const descriptor = (digest: string): unknown => {
    const found = graph.nodes.find((each) => each.digest === digest);
    return {
      mediaType: found?.mediaType,
      digest,
      size: found?.size,
      ...(found?.platform === undefined ? {} : { platform: found.platform }),
    };
  };
  const down = graph.edges.filter((each) => each.from === asked.digest && isDown(each));
  const subject = graph.edges.find((each) => each.from === asked.digest && !isDown(each));
  const rest = {
    ...(node?.artifactType === undefined ? {} : { artifactType: node.artifactType }),
    ...(subject === undefined ? {} : { subject: descriptor(subject.to) }),
    ...(node?.annotations === undefined ? {} : { annotations: node.annotations }),
  };
  if (node?.kind === 'config')
    return {
      architecture: 'amd64',
      os: 'linux',
      config: { Entrypoint: ['/usr/bin/app'] },
      rootfs: { type: 'layers', diff_ids: [asked.digest] },
    };
  if (node?.kind === 'index') {
    return {
      schemaVersion: 2,
      mediaType: asked.mediaType,
      manifests: down.map((each) => descriptor(each.to)),
      ...rest,
    };
  }
  const config = down.find((each) => each.via.includes('config'));
  return {
    schemaVersion: 2,
    mediaType: asked.mediaType,
    config:
      config === undefined
        ? {
            mediaType: 'application/vnd.oci.empty.v1+json',
            digest: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
            size: 2,
            data: 'e30=',
          }
        : descriptor(config.to),
    layers: down.filter((each) => each.via.includes('layer')).map((each) => descriptor(each.to)),
    ...rest,
  };
}
