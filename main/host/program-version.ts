import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The version of this program: that of the nearest `package.json` named `tallyman` above this file. It lies at another depth in the
 * sources, in the bundles and in the packaged application.
 */
export function programVersion(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  for (let parent = path.dirname(folder); ; parent = path.dirname(folder)) {
    try {
      const { name, version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Record<
        string,
        unknown
      >;
      if (name === 'tallyman' && typeof version === 'string') return version;
    } catch {
      // no package.json here
    }
    if (parent === folder) return 'unknown';
    folder = parent;
  }
}
