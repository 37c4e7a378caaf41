import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkSync } from 'recheck';
import ts from 'typescript';
import { beforeAll, describe, expect, it } from 'vitest';
import { quoteForShell } from './commands/quote-for-shell.ts';
import { displayText } from './display/display-text.ts';
import { predicateName } from './display/predicate-name.ts';
import { base64Length } from './oci/base64.ts';
import { isDigest } from './oci/digest.ts';
import { bareMediaType, isMediaType } from './oci/media-types.ts';
import { parseReference } from './oci/reference.ts';
import { parseCompanionTag } from './oci/referrers-tag.ts';
import { parseRegistryHost } from './oci/registry-host.ts';
import { isRepositoryName } from './oci/repository-name.ts';
import { parseStrictJson } from './oci/strict-json.ts';
import { isTag } from './oci/tag.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const ROOMS = ['app', 'main', 'renderer/src', 'shared'];

interface RegularExpression {
  /** File and line. */
  readonly at: string;
  readonly source: string;
  readonly flags: string;
}

interface Findings {
  readonly literals: readonly RegularExpression[];
  /** Places that build a regular expression out of a text: nothing can be said about those. */
  readonly built: readonly string[];
}

/** Every source that ships: tests and what only they use run on our own texts. */
function sourceFiles(): readonly string[] {
  return ROOMS.flatMap((room) =>
    readdirSync(path.join(ROOT, room), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$/.test(file))
      .map((file) => path.join(room, file)),
  ).filter(
    (file) =>
      !file.startsWith(path.join('main', 'testing')) &&
      !file.startsWith(path.join('renderer', 'src', 'testing')),
  );
}

function findRegularExpressions(file: string): Findings {
  const text = readFileSync(path.join(ROOT, file), 'utf8');
  const tree = ts.createSourceFile(
    file,
    text,
    ts.ScriptTarget.Latest,
    false,
    file.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS,
  );
  const literals: RegularExpression[] = [];
  const built: string[] = [];
  const place = (node: ts.Node): string =>
    `${file}:${tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1}`;
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/');
      literals.push({ at: place(node), source: node.text.slice(1, end), flags: node.text.slice(end + 1) });
    }
    const isCall = ts.isNewExpression(node) || ts.isCallExpression(node);
    if (isCall && ts.isIdentifier(node.expression) && node.expression.text === 'RegExp')
      built.push(place(node));
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return { literals, built };
}

describe('the regular expressions of every room', () => {
  let findings: readonly Findings[] = [];

  beforeAll(() => {
    // The backend in plain JavaScript: the others start a process or need Java.
    process.env['RECHECK_SYNC_BACKEND'] = 'pure';
    findings = sourceFiles().map(findRegularExpressions);
  });

  it('are found at all, by their syntax', () => {
    expect(findings.flatMap((finding) => finding.literals).length).toBeGreaterThan(3);
    expect(checkSync('^(a+)+$', '').status).toBe('vulnerable');
  });

  it('are written down, never put together at run time', () => {
    expect(findings.flatMap((finding) => finding.built)).toEqual([]);
  });

  it('take time in proportion to the text, for every text', { timeout: 300_000 }, () => {
    const faults = findings
      .flatMap((finding) => finding.literals)
      .map(({ at, source, flags }) => ({
        at,
        expression: `/${source}/${flags}`,
        verdict: checkSync(source, flags, { timeout: 60_000 }),
      }))
      .filter(({ verdict }) => verdict.status !== 'safe')
      .map(
        ({ at, expression, verdict }) =>
          `${at} ${expression}: ${verdict.status}, ${verdict.status === 'vulnerable' ? verdict.complexity.summary : 'not decided'}`,
      );
    expect(faults).toEqual([]);
  });
});

describe('validators of foreign text', () => {
  const LENGTH = 64 * 1024;
  const VALIDATORS: Readonly<Record<string, (text: string) => unknown>> = {
    isDigest,
    isTag,
    isRepositoryName,
    isMediaType,
    bareMediaType,
    base64Length,
    parseCompanionTag,
    parseReference,
    parseRegistryHost,
    displayText,
    predicateName,
    quoteForShell,
    parseStrictJson: (text) => parseStrictJson(new TextEncoder().encode(text)),
  };
  const UNITS = [
    'a',
    'A',
    '0',
    '-',
    '.',
    '_',
    '/',
    ':',
    '@',
    '[',
    ']',
    '%',
    '+',
    '=',
    '"',
    '\\',
    "'",
    ' ',
    '\n',
    '\0',
    '\u202E',
    '😀',
    '\ud800',
    'а',
    '-.',
    'a-',
    'a.',
    'a/',
    '/a',
    '__',
    'a:',
    '::',
    '.-a',
    '\\"',
    '{"a":',
    '[',
    '": ',
  ];
  const STARTS = ['', 'sha256:', 'sha256-', 'https://', 'oci://', 'a/', '[', 'a:', '"', '{"'];

  it.each(Object.entries(VALIDATORS))('%s ends soon on 64 KiB of anything', (_name, validator) => {
    let slowest = 0;
    for (const start of STARTS) {
      for (const unit of UNITS) {
        for (const end of ['', '!']) {
          const text = start + unit.repeat(LENGTH / unit.length) + end;
          // On a busy machine one run can wait long for its turn; three in a row do not.
          let quickest = Number.POSITIVE_INFINITY;
          for (let attempt = 0; attempt < 3 && quickest >= 1_000; attempt += 1) {
            const before = performance.now();
            try {
              validator(text);
            } catch (error) {
              expect(error).toHaveProperty('name', 'TallymanError');
            }
            quickest = Math.min(quickest, performance.now() - before);
          }
          slowest = Math.max(slowest, quickest);
        }
      }
    }
    // 64 KiB quadratically are seconds; linearly they are far below a millisecond. The bound leaves room for a busy machine.
    expect(slowest).toBeLessThan(1_000);
  });
});
