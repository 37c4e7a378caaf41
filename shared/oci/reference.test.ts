import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TallymanError } from '../errors/tallyman-error.ts';
import { formatReference, parseReference, REFERENCE_LENGTH_LIMIT, type Reference } from './reference.ts';

const HEX = 'f'.repeat(64);
const DIGEST = `sha256:${HEX}`;
const SHA512 = `sha512:${'f'.repeat(128)}`;

/** `registry|repository|tag|digest`, empty where there is none. */
function parts(text: string): string {
  const { registry, repository = '', tag = '', digest = '' } = parseReference(text);
  return [registry, repository, tag, digest].join('|');
}

function refusal(text: string): TallymanError {
  try {
    parseReference(text);
  } catch (error) {
    if (error instanceof TallymanError) return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(text)} was taken`);
}

describe('parseReference', () => {
  it.each([
    // What people type.
    ['alpine', 'docker.io|library/alpine||'],
    ['alpine:3.19', 'docker.io|library/alpine|3.19|'],
    ['user/app', 'docker.io|user/app||'],
    ['localhost', 'localhost|||'],
    ['localhost:5000', 'localhost:5000|||'],
    ['localhost:5000/', 'localhost:5000|||'],
    ['localhost:5000/team/app:1.2', 'localhost:5000|team/app|1.2|'],
    ['localhost/app', 'localhost|app||'],
    ['ghcr.io', 'ghcr.io|||'],
    ['ghcr.io:443', 'ghcr.io:443|||'],
    [`ghcr.io/org/app:1.2@${DIGEST}`, `ghcr.io|org/app|1.2|${DIGEST}`],
    [`ghcr.io/org/app@${SHA512}`, `ghcr.io|org/app||${SHA512}`],
    ['GHCR.IO/org/app:Latest', 'ghcr.io|org/app|Latest|'],
    ['LOCALHOST:5000', 'localhost:5000|||'],
    ['myhost:5000/app', 'myhost:5000|app||'],
    ['myhost:5000/', 'myhost:5000|||'],
    ['myhost:5000', 'docker.io|library/myhost|5000|'],
    ['192.168.1.1', '192.168.1.1|||'],
    ['192.168.1.1:5000', '192.168.1.1:5000|||'],
    ['[::1]', '[::1]|||'],
    ['[::1]:5000', '[::1]:5000|||'],
    ['[::1]:5000/a', '[::1]:5000|a||'],
    ['[0:0:0:0:0:0:0:1]:5000/a', '[::1]:5000|a||'],
    ['[2001:DB8::1]/repo:tag', '[2001:db8::1]|repo|tag|'],
    ['ubuntu-12.04-base', 'docker.io|library/ubuntu-12.04-base||'],
    ['app-1.2:x', 'docker.io|library/app-1.2|x|'],
    ['docker.io', 'docker.io|||'],
    ['docker.io/foo', 'docker.io|library/foo||'],
    ['docker.io/library/foo/bar', 'docker.io|library/foo/bar||'],
    ['index.docker.io/foo:1', 'docker.io|library/foo|1|'],
    // What people paste.
    ['  alpine\n', 'docker.io|library/alpine||'],
    ['\u00a0ghcr.io/a/b\t', 'ghcr.io|a/b||'],
    ['https://localhost:5000/', 'localhost:5000|||'],
    ['https://localhost:5000', 'localhost:5000|||'],
    ['HTTPS://Registry.Example.com/a/b:1', 'registry.example.com|a/b|1|'],
    ['docker://alpine', 'docker.io|library/alpine||'],
    ['docker://ghcr.io/org/app:1', 'ghcr.io|org/app|1|'],
    ['oci://ghcr.io/org/chart', 'ghcr.io|org/chart||'],
    ['oci://myhost:443/chart', 'myhost:443|chart||'],
    // A9: these are registries of their own, never the one they look like.
    ['evildocker.io/foo', 'evildocker.io|foo||'],
    ['docker.io.evil.example/foo', 'docker.io.evil.example|foo||'],
    ['evil.azurecr.io.attacker.example/foo', 'evil.azurecr.io.attacker.example|foo||'],
    ['xn--ghr-5ed.io/a', 'xn--ghr-5ed.io|a||'],
  ])('reads %j', (text, expected) => {
    expect(parts(text)).toBe(expected);
  });

  // The cases of distribution/reference reference_test.go and normalize_test.go, as data: input, registry, repository, tag, digest.
  it.each([
    ['test_com', 'docker.io|library/test_com||'],
    ['test.com/repo:tag', 'test.com|repo|tag|'],
    ['test:5000/repo', 'test:5000|repo||'],
    ['test:5000/repo:tag', 'test:5000|repo|tag|'],
    [`test:5000/repo@${DIGEST}`, `test:5000|repo||${DIGEST}`],
    [`test:5000/repo:tag@${DIGEST}`, `test:5000|repo|tag|${DIGEST}`],
    ['lowercase:Uppercase', 'docker.io|library/lowercase|Uppercase|'],
    ['sub-dom1.foo.com/bar/baz/quux:some-long-tag', 'sub-dom1.foo.com|bar/baz/quux|some-long-tag|'],
    [
      'b.gcr.io/test.example.com/my-app:test.example.com',
      'b.gcr.io|test.example.com/my-app|test.example.com|',
    ],
    ['xn--n3h.com/myimage:xn--n3h.com', 'xn--n3h.com|myimage|xn--n3h.com|'],
    [`xn--7o8h.com/myimage:xn--7o8h.com@${DIGEST}`, `xn--7o8h.com|myimage|xn--7o8h.com|${DIGEST}`],
    ['192.168.1.1/repo', '192.168.1.1|repo||'],
    ['192.168.1.1:5000/repo:5050', '192.168.1.1:5000|repo|5050|'],
    ['[2001:db8::1]/repo', '[2001:db8::1]|repo||'],
    ['[2001:db8:1:2:3:4:5:6]/repo:tag', '[2001:db8:1:2:3:4:5:6]|repo|tag|'],
    [`[2001:db8::1]:5000/repo:tag@${DIGEST}`, `[2001:db8::1]:5000|repo|tag|${DIGEST}`],
    ['[2001:db8::]:5000/repo', '[2001:db8::]:5000|repo||'],
    [`example.com/${'a'.repeat(255)}:tag`, `example.com|${'a'.repeat(255)}|tag|`],
    ['example.com/some_separator__underscore/myimage', 'example.com|some_separator__underscore/myimage||'],
    ['127.0.0.1:5000/library/debian', '127.0.0.1:5000|library/debian||'],
    ['192.168.0.1:8/debian', '192.168.0.1:8|debian||'],
    ['[fc00:1:2:3:4:5:6:7]:5000/library/debian', '[fc00:1:2:3:4:5:6:7]:5000|library/debian||'],
    ['docker---rules/docker', 'docker.io|docker---rules/docker||'],
    ['dock__er/docker', 'docker.io|dock__er/docker||'],
    ['d/docker', 'docker.io|d/docker||'],
    ['index.docker.io/library/ubuntu', 'docker.io|library/ubuntu||'],
    ['test-com:8080/foo', 'test-com:8080|foo||'],
    ['xn--n3h.com:18080/foo', 'xn--n3h.com:18080|foo||'],
    ['dbcc1', 'docker.io|library/dbcc1||'],
    [`busybox:latest@${DIGEST}`, `docker.io|library/busybox|latest|${DIGEST}`],
    ['gcr.io/library/busybox', 'gcr.io|library/busybox||'],
    // Where we differ: a name with a host's form is a registry, as a person who types it means it.
    ['test.com:5000', 'test.com:5000|||'],
    ['[2001:db8::1]:5000', '[2001:db8::1]:5000|||'],
    // Where we differ: sha512 and unregistered algorithms are digests (OCI), sha256 alone is verified in upstream's tests.
    [`validname@${SHA512}`, `docker.io|library/validname||${SHA512}`],
    ['validname@multihash+base58:QmRZxt2b1FVZ', 'docker.io|library/validname||multihash+base58:QmRZxt2b1FVZ'],
  ])('reads %j as distribution/reference does', (text, expected) => {
    expect(parts(text)).toBe(expected);
  });

  it.each([
    ['', 'it is empty'],
    [':justtag', 'it has no repository name'],
    [`@${DIGEST}`, 'it has no repository name'],
    [
      'repo@sha256:ffffffffffffffffffffffffffffffffff',
      'sha256 has 64 characters after the colon, this has 34',
    ],
    ['Uppercase:tag', 'repository names are in lower case'],
    ['test:5000/Uppercase/lowercase:tag', 'repository names are in lower case'],
    [`domain/${'a'.repeat(256)}:tag`, 'the name of its repository is longer than 255 characters'],
    ['aa/asdf$$^/aa', 'is no repository name'],
    ['[2001:db8::1]:tag', 'its port is no number'],
    ['[fe80::1%eth0]:5000/repo', 'no IPv6 address'],
    ['[fe80::1%@invalidzone]:5000/repo', 'what follows “@” is no digest'],
    ['https://github.com/docker/Docker', 'repository names are in lower case'],
    ['docker/Docker', 'repository names are in lower case'],
    ['-docker/docker', 'is no repository name'],
    ['-docker.io/docker/docker', 'begins or ends with “-”'],
    ['docker///docker', 'is no repository name'],
    ['fc00::1:5000/debian', 'its port is no number'],
    ['[2001:db8:3:4::192.0.2.33]:5000/debian', 'no IPv6 address'],
    ['[fd00:1:2::3]75050/a', 'its port is no number'],
    ['[fd00123123123]:5000/a', 'no IPv6 address'],
    ['[::1/a', 'its “[” is never closed'],
    [`1a3f5e7d9c1b3a5f7e9d1c3b5a7f9e1d3c5b7a9f1e3d5d7c9b1a3f5e7d9c1b3a`, 'this is the value of a digest'],
    ['docker-/docker', 'is no repository name'],
    ['____/____', 'is no repository name'],
    ['dock..er/docker', 'two dots in a row'],
    ['a/dock..er', 'is no repository name'],
    ['foo.com:http/bar', 'its port is no number'],
    ['foo_bar.com:8080/app', '“_” (U+005F) is no part of a host name'],
    ['ab-.com/a', 'begins or ends with “-”'],
    ['a^a', 'is no repository name'],
  ])('refuses %j as distribution/reference does: %s', (text, reason) => {
    expect(refusal(text)).toMatchObject({
      code: 'INVALID_REFERENCE',
      message: expect.stringContaining(reason),
    });
  });

  it.each([
    // V2, V3: bad names and tags.
    ['a/b:1.0+meta', 'a tag cannot hold “+”'],
    ['a/b:.x', 'is no tag'],
    ['a/b:', 'is no tag'],
    [`a/b:${'x'.repeat(129)}`, 'its tag is longer than 128 characters'],
    ['a/b:1:2', 'is no tag'],
    ['a/b/', 'is no repository name'],
    ['/', 'it has no host name'],
    ['//', 'is no repository name'],
    ['a b', 'is no repository name'],
    ['ghcr.io/a/../b', 'is no repository name'],
    ['ghcr.io/a/b?x=1', 'is no repository name'],
    ['ghcr.io/a/b#x', 'is no repository name'],
    ['alpine\0', 'is no repository name'],
    // Digests without a place.
    [DIGEST, 'this is a digest alone'],
    [`localhost:5000@${DIGEST}`, 'a digest needs a repository'],
    [`a/b@${DIGEST}@${DIGEST}`, 'its digest is wrong'],
    ['a/b@sha256:../../x', 'what follows “@” is no digest'],
    // A9 and what other programs would take for another host.
    ['ghcr.io@evil.example', 'what follows “@” is no digest'],
    ['user:secret@ghcr.io/a/b', 'what follows “@” is no digest'],
    ['https://user:secret@ghcr.io/a/b', 'what follows “@” is no digest'],
    ['ghcr.io%2eevil/a', '“%” (U+0025) is no part of a host name'],
    ['ghcr.io./a', 'its host name ends with a dot'],
    ['ghcr..io/a', 'two dots in a row'],
    ['.ghcr.io/a', 'begins with one'],
    ['127.1/a', 'ends like an IP address but is none'],
    ['127.0.0.01:5000/a', 'ends like an IP address but is none'],
    ['2130706433:5000/a', 'ends like an IP address but is none'],
    ['0x7f000001:5000/a', 'ends like an IP address but is none'],
    ['0X7F.1:5000/a', 'ends like an IP address but is none'],
    ['256.1.1.1/a', 'ends like an IP address but is none'],
    ['localhost:0/a', 'its port is no number from 1 to 65535'],
    ['localhost:65536/a', 'its port is no number'],
    ['localhost:05000/a', 'its port is no number'],
    ['localhost:', 'its port is no number'],
    ['localhost:5000:5000/a', 'its port is no number'],
    ['test.com:tag', 'its port is no number'],
    [`${'a'.repeat(64)}.example/a`, 'longer than 63 characters'],
    [`${'a.'.repeat(130)}example/a`, 'longer than 253 characters'],
    // Schemes.
    ['http://localhost:5000/a', 'this scheme is not known'],
    ['file:///etc/passwd', 'this scheme is not known'],
    ['javascript://alert(1)', 'this scheme is not known'],
    ['https://https://a.example/b', 'its port is no number'],
    ['oci://myhost/chart', 'a registry without a dot needs its port'],
    ['https://', 'it has no host name'],
    ['alpine/', 'a registry without a dot needs its port'],
    ['x'.repeat(REFERENCE_LENGTH_LIMIT + 1), 'it is longer than 1024 characters'],
  ])('refuses %j', (text, reason) => {
    expect(refusal(text)).toMatchObject({
      code: 'INVALID_REFERENCE',
      message: expect.stringContaining(reason),
      hint: expect.any(String),
    });
  });

  // Engines disagree about labels that decode to nothing: what counts is that a URL leads to the host that was read.
  it('takes a punycode host only where a URL carries it unchanged', () => {
    const host = 'xn--99999999.example';
    const isCarried = URL.canParse(`https://${host}/`) && new URL(`https://${host}/`).host === host;
    if (isCarried) expect(parseReference(`${host}/a`)).toMatchObject({ registry: host, repository: 'a' });
    else expect(refusal(`${host}/a`).message).toContain('cannot be used in a URL');
  });

  it('shows why a look-alike host is refused, and what it really is', () => {
    expect(refusal('ghcr。io/a')).toMatchObject({
      message: expect.stringContaining('“。” (U+3002)'),
      hint: expect.stringContaining('“ghcr.io”'),
    });
    expect(refusal('ghсr.io/a')).toMatchObject({
      message: expect.stringContaining('“с” (U+0441)'),
      hint: expect.stringContaining('“xn--ghr-5ed.io”'),
    });
    expect(refusal('ｇhcr.io')).toMatchObject({
      message: expect.stringContaining('(U+FF47)'),
      hint: expect.stringContaining('“ghcr.io”'),
    });
    expect(refusal('bücher.example/a')).toMatchObject({
      hint: expect.stringContaining('“xn--bcher-kva.example”'),
    });
    expect(refusal('ghcr.io\u200b/a').message).toContain('⟨U+200B⟩');
    expect(refusal('\u202Eoi.rchg/a').message).toContain('⟨U+202E⟩');
  });

  it('never repeats a password', () => {
    for (const text of [
      'user:hunter2@ghcr.io/a/b',
      'https://user:hunter2@ghcr.io/a/b',
      'http://user:hunter2@ghcr.io/a',
      'ftp://user:hunter2@a',
    ]) {
      expect(JSON.stringify(refusal(text).toData())).not.toContain('hunter2');
    }
  });

  it('names the form to write', () => {
    expect(refusal('a/b:1.0+meta').hint).toBe('Helm writes “_” instead: “1.0_meta”.');
    expect(refusal('Org/App').hint).toBe('Write “org/app”.');
    expect(refusal('oci://myhost/chart').hint).toBe('Write myhost:443, or the port it listens on.');
  });
});

describe('formatReference', () => {
  const component = fc.stringMatching(/^[a-z0-9]{1,6}(?:[._-][a-z0-9]{1,4})?$/);
  const host = fc.oneof(
    fc.constantFrom(
      'localhost',
      'myhost:5000',
      'docker.io',
      'ghcr.io',
      '127.0.0.1',
      '[::1]',
      '[2001:db8::1]',
    ),
    fc.stringMatching(/^[a-z][a-z0-9]{0,5}\.[a-z]{2,4}$/),
  );
  const registry = fc
    .tuple(host, fc.option(fc.integer({ min: 1, max: 65_535 })))
    .map(([name, port]) => (port === null || name === 'myhost:5000' ? name : `${name}:${port}`));
  const reference = fc
    .record(
      {
        registry,
        repository: fc.array(component, { minLength: 2, maxLength: 4 }).map((names) => names.join('/')),
        tag: fc.stringMatching(/^\w[\w.-]{0,10}$/),
        digest: fc.constantFrom(DIGEST, SHA512, 'multihash+base58:QmRZxt2b1FVZ'),
      },
      { requiredKeys: ['registry'] },
    )
    .map((record) => (record.repository === undefined ? { registry: record.registry } : record) as Reference);

  it('writes what parseReference reads back as the same reference', () => {
    fc.assert(
      fc.property(reference, (value) => {
        expect(parseReference(formatReference(value))).toEqual(value);
      }),
      { numRuns: 5_000 },
    );
  });
});
