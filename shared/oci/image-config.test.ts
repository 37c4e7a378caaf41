import { describe, expect, it } from 'vitest';
import { HISTORY_LIMIT, parseImageConfig, type ImageConfig } from './image-config.ts';

const DIFF_ID = 'sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef';
const MINIMAL = { architecture: 'amd64', os: 'linux', rootfs: { diff_ids: [DIFF_ID], type: 'layers' } };

function parse(document: unknown): ImageConfig {
  return parseImageConfig(new TextEncoder().encode(JSON.stringify(document)));
}

function faults(document: unknown): readonly string[] {
  return parse(document).problems.map((problem) => problem.message);
}

describe('parseImageConfig', () => {
  // The cases of image-spec schema/config_test.go, as data; most of upstream's also have "os": 123.
  it.each([
    ['os is a number', { ...MINIMAL, os: 123 }, 'os is a number, not a string.'],
    ['variant is a number', { ...MINIMAL, variant: 123 }, 'variant is a number, not a string.'],
    ['User is a number', { ...MINIMAL, config: { User: 1234 } }, 'config.User is a number, not a string.'],
    [
      'history is a string',
      { ...MINIMAL, history: 'should be an array' },
      'history is a string, not a list.',
    ],
    [
      'Env holds a number',
      { ...MINIMAL, config: { Env: [7353] } },
      'config.Env[0] is a number, not a string.',
    ],
    [
      'Volumes is a list',
      { ...MINIMAL, config: { Volumes: ['/var/job-result-data'] } },
      'config.Volumes is a list, not an object.',
    ],
    [
      'Env holds no assignment',
      { ...MINIMAL, config: { Env: ['foo'] } },
      'config.Env holds “foo”, which is no NAME=value.',
    ],
    ['os is absent', { ...MINIMAL, os: undefined }, 'os is absent.'],
    ['os and architecture are absent', { rootfs: MINIMAL.rootfs }, 'os and architecture are absent.'],
    ['rootfs is absent', { os: 'linux', architecture: 'amd64' }, 'rootfs is absent, not an object.'],
    ['rootfs has no type', { ...MINIMAL, rootfs: { diff_ids: [] } }, 'rootfs.type is absent, not “layers”.'],
    [
      'rootfs has an unknown type',
      { ...MINIMAL, rootfs: { diff_ids: [], type: 'disk' } },
      'rootfs.type is “disk”, not “layers”.',
    ],
    ['rootfs has no diff_ids', { ...MINIMAL, rootfs: { type: 'layers' } }, 'rootfs.diff_ids is absent.'],
    [
      'a diff_id is no digest',
      { ...MINIMAL, rootfs: { type: 'layers', diff_ids: ['x'] } },
      'rootfs.diff_ids holds “x”, which is no digest.',
    ],
    ['a history entry is null', { ...MINIMAL, history: [null] }, 'history[0] is null, not an object.'],
    [
      'a label is a number',
      { ...MINIMAL, config: { Labels: { a: 1 } } },
      'config.Labels has a number for “a”, not a string.',
    ],
  ])('names what is wrong when %s', (_what, document, message) => {
    expect(faults(document)).toContain(message);
  });

  it('finds nothing wrong with required fields alone', () => {
    expect(parse(MINIMAL)).toEqual({
      platform: { os: 'linux', architecture: 'amd64' },
      environment: [],
      exposedPorts: [],
      volumes: [],
      labels: {},
      history: [],
      diffIds: [DIFF_ID],
      problems: [],
    });
  });

  it('reads every field of a full config', () => {
    const config = {
      User: '1:1',
      ExposedPorts: { '8080/tcp': {} },
      Env: ['PATH=/bin', 'FOO=a=b'],
      Entrypoint: ['/bin/sh'],
      Cmd: ['--foreground'],
      Volumes: { '/var/log': {} },
      StopSignal: 'SIGKILL',
      WorkingDir: '/home/alice',
      Labels: { 'com.example.key': 'value' },
      ArgsEscaped: true,
    };
    const history = [
      {
        created: '2015-10-31T22:22:54.690851953Z',
        created_by: '/bin/sh -c #(nop) ADD file:x in /',
        comment: 'c',
        author: 'a',
      },
      { created: '2015-10-31T22:22:55.613815829Z', created_by: 'CMD ["sh"]', empty_layer: true },
    ];
    const document = {
      ...MINIMAL,
      architecture: 'arm64',
      variant: 'v8',
      created: '2015-10-31T22:22:56.015925234Z',
      author: 'Alyssa P. Hacker',
      config,
      history,
    };
    expect(parse(document)).toEqual({
      created: '2015-10-31T22:22:56.015925234Z',
      author: 'Alyssa P. Hacker',
      platform: { os: 'linux', architecture: 'arm64', variant: 'v8' },
      user: '1:1',
      exposedPorts: ['8080/tcp'],
      environment: ['PATH=/bin', 'FOO=a=b'],
      entrypoint: ['/bin/sh'],
      command: ['--foreground'],
      volumes: ['/var/log'],
      stopSignal: 'SIGKILL',
      workingDirectory: '/home/alice',
      labels: { 'com.example.key': 'value' },
      history: [
        {
          created: '2015-10-31T22:22:54.690851953Z',
          createdBy: '/bin/sh -c #(nop) ADD file:x in /',
          comment: 'c',
          author: 'a',
          emptyLayer: false,
        },
        { created: '2015-10-31T22:22:55.613815829Z', createdBy: 'CMD ["sh"]', emptyLayer: true },
      ],
      diffIds: [DIFF_ID],
      problems: [],
    });
  });

  // config.md: any OPTIONAL field may be null; the Docker configs of image-spec schema/backwards_compatibility_test.go do that.
  it("takes null and Docker's own fields without a word", () => {
    const config = {
      Hostname: '8dfe43d80430',
      Domainname: '',
      User: '',
      Tty: false,
      Env: null,
      Cmd: null,
      Volumes: null,
      WorkingDir: '',
      Entrypoint: null,
      OnBuild: null,
      Labels: null,
      ExposedPorts: null,
    };
    const document = {
      ...MINIMAL,
      config,
      container: 'x',
      container_config: config,
      docker_version: '1.10.3',
      created: null,
      author: null,
      history: null,
      variant: null,
    };
    expect(faults(document)).toEqual([]);
    expect(parse({ ...MINIMAL, config: null })).toMatchObject({ environment: [], problems: [] });
  });

  it('takes the empty os and architecture of cosign for no platform', () => {
    expect(parse({ ...MINIMAL, os: '', architecture: '' })).not.toHaveProperty('platform');
    expect(faults({ ...MINIMAL, os: '', architecture: '' })).toEqual([]);
  });

  it('keeps a bounded history', () => {
    expect(
      parse({ ...MINIMAL, history: Array.from({ length: HISTORY_LIMIT + 1 }, () => ({})) }).history,
    ).toHaveLength(HISTORY_LIMIT);
  });

  it.each(['invalid JSON', 'null', '[]', '"x"'])('refuses %s', (text) => {
    expect(() => parseImageConfig(new TextEncoder().encode(text))).toThrow(
      expect.objectContaining({ code: 'MALFORMED' }),
    );
  });
});
