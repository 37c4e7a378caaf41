import fc from 'fast-check';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { contract, type ProcedureName } from '../../shared/contract/contract.ts';
import type { HostMessage } from '../../shared/contract/message.ts';
import { ERROR_CODES } from '../../shared/errors/tallyman-error.ts';
import { type HostClient, startHost } from '../testing/host-client.ts';
import { createDispatcher, type Connection } from './dispatch.ts';

// Check 25 of the reliability bar in its short form: a compromised window may send anything to every procedure.

const CANARY = 'canary-content-of-a-private-file';
/** Fuzzed calls to each procedure. */
const RUNS = 150;

let host: HostClient;
let connection: Connection;
const answers: HostMessage[] = [];
const waiting = new Map<number, () => void>();
let nextId = 1;

beforeAll(async () => {
  // No network: what is typed is not looked up in the background, and the only registry in reach is a closed port.
  host = await startHost({ rememberSources: false, ports: { pickPath: () => Promise.resolve(undefined) } });
  await mkdir(path.join(host.folder, 'home'));
  await writeFile(path.join(host.folder, 'home', 'private.txt'), CANARY);
  await writeFile(path.join(host.folder, 'private.tar'), CANARY);
  await host.call('sample.create', {});
  connection = createDispatcher(host.services).connect((message) => {
    answers.push(message);
    if (message.type === 'result' || message.type === 'error') waiting.get(message.id)?.();
  });
});
afterAll(() => host.close());

async function send(name: string, input: unknown): Promise<HostMessage> {
  const id = nextId++;
  const ended = new Promise<void>((resolve) => waiting.set(id, resolve));
  connection.receive({ type: 'call', id, name, input });
  await ended;
  const answer = answers.findLast(
    (message) => (message.type === 'result' || message.type === 'error') && message.id === id,
  );
  if (answer === undefined) throw new Error('No answer.');
  return answer;
}

/** Texts that mean something to some layer below. */
const hostileText = (): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constantFrom(
      'local',
      'registry:127.0.0.1:1',
      '127.0.0.1:1',
      '127.0.0.1:1/a/b:c',
      'sample',
      'layout:/',
      '/etc/passwd',
      '/proc/self/environ',
      '/dev/zero',
      '.',
      '~',
      '..',
      '~/private.txt',
      '~/new',
      '~/nowhere/new',
      './home',
      './private.tar',
      '../../../../etc/shadow',
      'layout:./private.tar',
      './data/store',
      '%2e%2e%2f',
      'a\0b',
      '',
      ' ',
      '-x',
      '--plain-http',
      'file:///etc/passwd',
      'http://127.0.0.1:1/',
      '\\\\host\\share',
      'C:\\Windows',
      '__proto__',
      'constructor',
      '\u001b[2J',
      '\u202e',
      'a'.repeat(5000),
      `sha256:${'a'.repeat(64)}`,
      'sha256:../../../etc/passwd',
      `sha512:${'b'.repeat(128)}`,
      'md5:x',
      'application/vnd.oci.image.manifest.v1+json',
      '0',
      'null',
    ),
    fc.string({ maxLength: 40 }),
    fc.string({ unit: 'binary', maxLength: 40 }),
  );

/** Something that has the shape of a schema, or nearly: fields are dropped, swapped and added now and then. */
function nearly(schema: z.core.$ZodType): fc.Arbitrary<unknown> {
  const { def } = schema._zod;
  const shaped = shapedAs(def as z.core.$ZodTypes['_zod']['def']);
  return fc.oneof(
    { weight: 12, arbitrary: shaped },
    { weight: 1, arbitrary: fc.anything({ maxDepth: 2 }) },
    { weight: 1, arbitrary: hostileText() },
  );
}

function shapedAs(def: z.core.$ZodTypes['_zod']['def']): fc.Arbitrary<unknown> {
  switch (def.type) {
    case 'object': {
      const fields: Record<string, fc.Arbitrary<unknown>> = { extra: fc.anything({ maxDepth: 1 }) };
      for (const [key, field] of Object.entries(def.shape)) fields[key] = nearly(field);
      return fc.record(fields, { requiredKeys: Object.keys(def.shape) });
    }
    case 'array':
      return fc.array(nearly(def.element), { maxLength: 4 });
    case 'optional':
      return fc.option(nearly(def.innerType), { nil: undefined });
    case 'enum':
      return fc.constantFrom(...Object.values(def.entries));
    case 'literal':
      return fc.constantFrom(...def.values);
    case 'union':
      return fc.oneof(...def.options.map(nearly));
    case 'record':
      return fc.dictionary(hostileText(), nearly(def.valueType), { maxKeys: 2 });
    case 'boolean':
      return fc.boolean();
    case 'number':
      return fc.oneof(
        fc.nat({ max: 1000 }),
        fc.constantFrom(0, -1, 2 ** 53, 1.5, Number.NaN, Infinity, 2 ** 53 - 1),
      );
    default:
      return hostileText();
  }
}

/** Every file below the folder of the test, by name and content, except what the program itself keeps. */
async function filesOutsideData(): Promise<Record<string, string>> {
  const names = await readdir(host.folder, { recursive: true, withFileTypes: true });
  const files: Record<string, string> = {};
  for (const entry of names.filter((each) => each.isFile())) {
    const file = path.join(entry.parentPath, entry.name);
    if (!file.startsWith(host.dataFolder)) files[file] = await readFile(file, 'utf8');
  }
  return files;
}

describe('a compromised window', () => {
  it.each(Object.keys(contract) as ProcedureName[])(
    'gets an answer of the contract or a typed error from %s, whatever it sends, and no file beyond image layouts is read or written',
    async (name) => {
      const before = await filesOutsideData();
      answers.length = 0;
      await fc.assert(
        fc.asyncProperty(nearly(contract[name].input), async (input) => {
          const answer = await send(name, input);
          if (answer.type === 'result') {
            expect(contract[name].output.safeParse(answer.value).success).toBe(true);
            return;
          }
          expect(answer.type).toBe('error');
          if (answer.type !== 'error') return;
          expect(ERROR_CODES).toContain(answer.error.code);
          expect(answer.error.code).not.toBe('INTERNAL');
        }),
        { numRuns: RUNS },
      );
      // Some of it went past the schema: otherwise this would test nothing but zod.
      expect(
        answers.some(
          (answer) =>
            answer.type === 'result' || (answer.type === 'error' && answer.error.code !== 'INVALID_INPUT'),
        ),
      ).toBe(true);
      expect(JSON.stringify(answers)).not.toContain(CANARY);
      expect(await filesOutsideData()).toEqual(before);
    },
    60_000,
  );

  it('cannot reach a layout by its id alone, nor files inside one by anything but a digest', async () => {
    const target = { source: `layout:${path.join(host.folder, 'home')}` };
    const node = {
      target,
      digest: 'sha256:../../home/private.txt',
      mediaType: 'a/b',
      size: CANARY.length,
      manifest: false,
    };
    for (const [name, input] of [
      ['graph.walk', { target }],
      ['repository.entries', { target }],
      ['content.read', node],
      ['content.read', { ...node, target: { source: 'local' } }],
      ['content.saveAddress', { ...node, target: { source: 'local' }, fileName: 'x' }],
    ] as const) {
      expect(await send(name, input)).toMatchObject({
        type: 'error',
        error: { code: expect.stringMatching(/NOT_FOUND|INVALID_REFERENCE/) },
      });
    }
  });

  it('gets no procedure from a message that is no call', async () => {
    const before = answers.length;
    fc.assert(
      fc.property(fc.anything(), (message) => {
        connection.receive(message);
      }),
      { numRuns: 1000 },
    );
    await new Promise((resolve) => setImmediate(resolve));
    expect(answers.slice(before).filter(({ type }) => type === 'result')).toEqual([]);
  });
});
