import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { saveFileName } from './save-file-name.ts';

describe('name proposed for saving', () => {
  it.each([
    ['app.spdx.json', 'app.spdx.json'],
    ['../../etc/passwd', '_.._etc_passwd'],
    ['C:\\Windows\\system.ini', 'C__Windows_system.ini'],
    ['..', 'fallback'],
    ['', 'fallback'],
    ['   ', 'fallback'],
    ['.bashrc', 'bashrc'],
    ['report.txt:hidden', 'report.txt_hidden'],
    ['con', '_con'],
    ['COM¹.txt', '_COM¹.txt'],
    ['nul.tar.gz', '_nul.tar.gz'],
    ['console.log', 'console.log'],
    ['name. . .', 'name'],
    ['gpj.\u202Eexe.png', 'gpj.exe.png'],
    ['a\u0000b\u001b[31m', 'ab[31m'],
    ['e\u0301', '\u00e9'],
  ])('%j becomes %j', (name, expected) => {
    expect(saveFileName(name, 'fallback')).toBe(expected);
  });

  it('shortens long names in the stem and keeps the extension', () => {
    const name = saveFileName(`${'ü'.repeat(500)}.json`, 'fallback');
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200);
    expect(name).toMatch(/^ü+\.json$/);
  });

  it('is always one component that no system reads as something else', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.string({ unit: fc.constantFrom('.', '/', '\\', ':', ' ', 'a', '\u202e', 'con', 'nul') }),
        ),
        (text) => {
          const name = saveFileName(text, 'fallback');
          expect(name).not.toMatch(/[/\\:*?"<>|\p{C}]|^\.|[. ]$|^$/u);
          expect(name).not.toMatch(/^(con|nul)(\.|$)/i);
          expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
          expect(saveFileName(name, 'fallback')).toBe(name);
        },
      ),
    );
  });
});
