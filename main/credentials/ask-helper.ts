import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import { field, isJsonObject } from '../../shared/oci/json-object.ts';
import { parseStrictJson } from '../../shared/oci/strict-json.ts';
import type { Credentials } from '../registry/auth/credentials-source.ts';
import { Secret } from '../registry/auth/secret.ts';
import { credentialsId } from './credentials-id.ts';
import { findHelperProgram, type HelperSearch } from './find-helper-program.ts';
import type { RunHelper } from './run-helper.ts';

/** The name by which helpers say that the secret is an identity token (quirk A11). */
const IDENTITY_TOKEN_USER = '<token>';

/** What helpers print when they know nothing (docker-credential-helpers, `credentials/error.go`). */
const NOT_FOUND = 'credentials not found in native keychain';

/** A question to a credential helper. */
export interface HelperQuestion extends HelperSearch {
  /** `pass`, `ecr-login`, …: the program is `docker-credential-` and this. */
  readonly suffix: string;
  /** What Docker calls the registry: a host, or `https://index.docker.io/v1/`. */
  readonly server: string;
  readonly run: RunHelper;
  readonly signal: AbortSignal;
}

/**
 * Asks a credential helper (`get`: the server on stdin, JSON on stdout). Undefined when it knows none.
 * @throws TallymanError when it is not there, fails, or answers for another server: an error of this registry only,
 * and never another registry's secret (bar, A11, H3).
 */
export async function askHelper(question: HelperQuestion): Promise<Credentials | undefined> {
  const { suffix, server, signal } = question;
  const program = await findHelperProgram(suffix, question);
  const name = `The credential helper ${JSON.stringify(suffix.slice(0, 64))}`;
  if (program === undefined) {
    throw new TallymanError({
      code: 'UNREADABLE',
      message: `${name} named in Docker’s configuration is not installed here.`,
      hint: 'Install it, remove it from the configuration, or sign in here: that is kept for this run only.',
    });
  }
  const { exitCode, output } = await question.run(program, 'get', server, question.environment, signal);
  if (exitCode !== 0) {
    if (output.trim() === NOT_FOUND) return undefined;
    throw failed(`${name} failed (exit code ${exitCode ?? 'none'}).`);
  }
  return readAnswer(output, server, name);
}

function readAnswer(output: string, server: string, name: string): Credentials | undefined {
  let document: unknown;
  try {
    document = parseStrictJson(Buffer.from(output));
  } catch {
    throw failed(`${name} answered with something that is no JSON.`);
  }
  const text = (key: string): string => {
    const value = isJsonObject(document) ? field(document, key) : undefined;
    return typeof value === 'string' ? value : '';
  };
  const [username, secret, answered] = [text('Username'), text('Secret'), text('ServerURL')];
  if (answered !== '' && answered !== server)
    throw failed(`${name} answered for another registry; that was not used.`);
  if (secret === '') return undefined;
  const value = new Secret(secret);
  const base = { id: credentialsId(server, username, value), from: 'credential-helper' } as const;
  if (username === IDENTITY_TOKEN_USER) return { ...base, kind: 'identity-token', identityToken: value };
  return { ...base, kind: 'password', username, password: value };
}

function failed(message: string): TallymanError {
  return new TallymanError({
    code: 'UNREADABLE',
    message,
    hint: 'Run the helper by hand to see what is wrong with it, or sign in here: that is kept for this run only.',
  });
}
