import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import { HELPER_OUTPUT_LIMIT, HELPER_TIME_LIMIT } from './credential-limits.ts';

/** How a credential helper ended. */
export interface HelperResult {
  /** Undefined when a signal ended it. */
  readonly exitCode: number | undefined;
  readonly output: string;
}

/**
 * Runs a credential helper.
 *
 * @param program - absolute path.
 * @param input - what it reads, one line.
 */
export type RunHelper = (
  program: string,
  verb: 'get',
  input: string,
  environment: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
) => Promise<HelperResult>;

/** What helpers of the operating systems, of password stores and of the cloud providers need to find their way. */
const PASSED_ON = new Set([
  'PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'LC_ALL', 'TMPDIR', 'TEMP', 'TMP',
  'USERPROFILE', 'USERNAME', 'APPDATA', 'LOCALAPPDATA', 'PROGRAMDATA', 'SYSTEMROOT', 'WINDIR', 'COMSPEC', 'PATHEXT',
  'DBUS_SESSION_BUS_ADDRESS', 'XDG_RUNTIME_DIR', 'XDG_CONFIG_HOME', 'XDG_DATA_HOME', 'DISPLAY', 'WAYLAND_DISPLAY', 'XAUTHORITY',
  'GNUPGHOME', 'GPG_TTY', 'PASSWORD_STORE_DIR', 'DOCKER_CONFIG',
  'HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY', 'SSL_CERT_FILE', 'SSL_CERT_DIR',
]); // prettier-ignore
const PASSED_ON_PREFIXES = ['AWS_', 'AZURE_', 'CLOUDSDK_', 'GOOGLE_'] as const;

/**
 * Runs it without a shell, in an empty folder of its own, with a small environment, bounded in time and output (bar,
 * H2–H4). What it writes to stderr is thrown away: it may hold secrets.
 * @throws TallymanError TIMEOUT, LIMIT, UNREADABLE when it does not start, CANCELLED.
 */
export const runHelper: RunHelper = async (program, verb, input, environment, signal) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'tallyman-helper-'));
  try {
    return await run(program, verb, input, { folder, environment: smallEnvironment(environment), signal });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

function smallEnvironment(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const small: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    const upper = name.toUpperCase();
    const passed = PASSED_ON.has(upper) || PASSED_ON_PREFIXES.some((prefix) => upper.startsWith(prefix));
    // A proxy's password is nobody's business but the proxy's.
    if (value !== undefined && passed && !(upper.endsWith('_PROXY') && value.includes('@')))
      small[name] = value;
  }
  return small;
}

interface Surroundings {
  readonly folder: string;
  readonly environment: Record<string, string>;
  readonly signal: AbortSignal;
}

function run(
  program: string,
  verb: string,
  input: string,
  { folder, environment, signal }: Surroundings,
): Promise<HelperResult> {
  const name = path.basename(program);
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(new TallymanError({ code: 'CANCELLED', message: 'Cancelled.' }));
      return;
    }
    const child = spawn(program, [verb], {
      cwd: folder,
      env: environment,
      shell: false,
      windowsHide: true,
      // A process group of its own, so that what it starts ends with it.
      detached: process.platform !== 'win32',
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const chunks: Buffer[] = [];
    let size = 0;
    let failure: TallymanError | undefined;
    const give = (error: TallymanError): void => {
      failure ??= error;
      endGroup(child.pid);
    };
    const abort = (): void => give(new TallymanError({ code: 'CANCELLED', message: 'Cancelled.' }));
    const timer = setTimeout(
      () =>
        give(
          new TallymanError({
            code: 'TIMEOUT',
            message: `${name} gave no credentials within ${HELPER_TIME_LIMIT / 1000} seconds.`,
            hint: 'It may wait for a password to unlock its store: unlock it, then try again.',
          }),
        ),
      HELPER_TIME_LIMIT,
    );
    signal.addEventListener('abort', abort, { once: true });
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.byteLength;
      if (size > HELPER_OUTPUT_LIMIT) {
        give(
          new TallymanError({
            code: 'LIMIT',
            message: `${name} prints more than ${HELPER_OUTPUT_LIMIT} bytes.`,
            hint: 'Check the credential helper.',
          }),
        );
      } else {
        chunks.push(chunk);
      }
    });
    // A helper that ends without reading is its own way to say no.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      settle();
    };
    child.once('error', (cause) =>
      finish(() =>
        reject(
          new TallymanError(
            {
              code: 'UNREADABLE',
              message: `${name} does not start.`,
              hint: 'Check that the credential helper works: run it by hand.',
            },
            { cause },
          ),
        ),
      ),
    );
    child.once('close', (code) =>
      finish(() => {
        if (failure === undefined)
          resolve({ exitCode: code ?? undefined, output: Buffer.concat(chunks).toString('utf8') });
        else reject(failure);
      }),
    );
  });
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}
