import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import type { AccessNeed, Authenticator, Authorization } from './auth/authenticator.ts';
import type { Redactor } from './auth/redactor.ts';
import type { WarningCollector } from './answers/warning-collector.ts';
import { startDeadline } from './http/deadline.ts';
import { describeUrl } from './http/describe-url.ts';
import { sendFollowingRedirects } from './http/follow-redirects.ts';
import type { Lane, Lanes } from './http/lanes.ts';
import type { RegistryIdentity } from './http/registry-identity.ts';
import { repeatTransient, type Patience } from './http/repeat-transient.ts';
import type { StreamedBody } from './http/outgoing-body.ts';
import type { HttpAnswer, OutboundRequest, Sender } from './http/send-request.ts';
import { readWholeAnswer, type WholeAnswer } from './http/whole-answer.ts';

/** A question to the distribution API that changes nothing. */
export interface RegistryQuestion {
  readonly method: 'GET' | 'HEAD';
  /** Path and query below the registry's origin (`/v2/…`, already encoded), or the URL of a next page. */
  readonly at: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly need: AccessNeed;
  /** Which connections `open` may use: `blob` for bodies that take long. `metadata` when absent. */
  readonly lane?: Lane;
  readonly signal: AbortSignal;
}

/** A request that changes something, or that belongs to an upload. */
export interface RegistryChange {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'GET';
  /** Path and query below the registry's origin, already encoded, or the `Location` of an upload session. */
  readonly at: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly need: AccessNeed;
  readonly lane?: Lane;
  /** A stream is opened again when the registry asks for a new sign-in. */
  readonly body?: Uint8Array | StreamedBody;
  /** For what may take the registry long: no limit in all, and `uploadFinish` for the answer. */
  readonly patient?: boolean;
  readonly signal: AbortSignal;
}

/** Asks one registry: logs in, follows redirects, repeats what failed for a moment, and collects warnings. */
export interface RegistryClient {
  /** The registry as the person knows it. */
  readonly host: string;
  /** `https://registry-1.docker.io`: scheme, host and port of its API. */
  readonly origin: string;
  readonly redactor: Redactor;
  readonly warnings: WarningCollector;
  /**
   * Asks and reads the whole answer, whatever its status.
   *
   * @param limit - most bytes of a good answer.
   * @param what - name of the answer in the text of an error.
   * @throws TallymanError for everything that is no answer of the registry itself.
   */
  ask(question: RegistryQuestion, limit: number, what: string): Promise<WholeAnswer>;
  /**
   * Asks and gives the answer with its body unread, for content of any size. Error answers (400 and above) come with
   * a body that is short. The body must be read to its end or discarded.
   */
  open(question: RegistryQuestion): Promise<HttpAnswer>;
  /**
   * Sends a change once, or twice when a sign-in is needed or has run out; what a repetition would mean only the caller knows.
   *
   * @returns the answer whatever its status; the body of a good one is not read.
   * @throws TallymanError for everything that is no answer of the registry itself; whether it did what was asked is unknown then.
   */
  change(change: RegistryChange): Promise<WholeAnswer>;
  /**
   * The same for changes that may be repeated, as long as the trouble looks transient.
   *
   * @returns also whether it was sent more than once, so that an earlier one may have had its effect.
   */
  changeAgain(change: RegistryChange): Promise<WholeAnswer & { readonly repeated: boolean }>;
}

/** What a client is made of. */
export interface RegistryClientParts {
  readonly registry: RegistryIdentity;
  readonly sender: Sender;
  readonly authenticator: Authenticator;
  readonly lanes: Lanes;
  readonly patience: Patience;
  readonly redactor: Redactor;
  readonly warnings: WarningCollector;
  /** Called with every answer of the registry. */
  readonly onAnswer: () => void;
}

/** One request with what it needs, before it is sent. */
interface Attempted extends Pick<OutboundRequest, 'method' | 'signal'> {
  readonly at: string | URL;
  /** What named the URL where `at` is one. */
  readonly named: 'page' | 'upload';
  readonly headers?: Readonly<Record<string, string>>;
  readonly need: AccessNeed;
  readonly body?: Uint8Array | StreamedBody;
  readonly patient?: boolean;
}

/** Puts the client of one registry together. */
export function createRegistryClient(parts: RegistryClientParts): RegistryClient {
  const { registry, sender, authenticator, lanes, patience, redactor, warnings } = parts;

  /** What an error calls a request; most need no name. */
  const labelOf =
    ({ method, at }: Pick<Attempted, 'method' | 'at'>): (() => string) =>
    () =>
      `${method} ${describeUrl(new URL(at, registry.origin))}`;

  const send = async (
    { at, named, method, headers = {}, body, patient = false, signal }: Attempted,
    authorization: Authorization | undefined,
  ): Promise<HttpAnswer> => {
    const answer = await sendFollowingRedirects(sender, {
      method,
      url: new URL(at, registry.origin),
      purpose: typeof at === 'string' ? 'registry' : named,
      headers,
      patient,
      signal,
      ...(body === undefined ? {} : { body }),
      ...(authorization === undefined ? {} : { credentials: authorization.header }),
    });
    parts.onAnswer();
    warnings.collect(answer.headers);
    return answer;
  };

  const refuseForeignChallenge = (question: Attempted, answer: HttpAnswer): void => {
    if (!answer.redirected) return;
    answer.discard();
    throw new TallymanError({
      code: 'UNAUTHORIZED',
      message: `${registry.host} redirected to ${describeUrl(answer.url)}, which wants a sign-in of its own (401); none is sent there.`,
      hint: 'Only the registry itself gets credentials. Ask whoever runs it.',
      details: { status: 401, redirected: true, path: describeUrl(new URL(question.at, registry.origin)) },
    });
  };

  /** One attempt, with one new log-in for itself. */
  const sendLoggedIn = async (question: Attempted): Promise<HttpAnswer> => {
    const used = await authenticator.authorize(question.need, question.signal);
    const first = await send(question, used);
    if (first.status !== 401) return first;
    refuseForeignChallenge(question, first);
    first.discard();
    const next = await authenticator.answerChallenge(
      question.need,
      first.headers.all('www-authenticate'),
      used,
      question.signal,
    );
    const second = await send(question, next);
    if (second.status !== 401) return second;
    refuseForeignChallenge(question, second);
    // Another request may have learned meanwhile that this token has ended, too: one more try for each new one.
    const newest = await authenticator.authorize(question.need, question.signal);
    if (newest !== undefined && newest.header !== next.header) {
      second.discard();
      const third = await send(question, newest);
      if (third.status !== 401) return third;
      refuseForeignChallenge(question, third);
      throw authenticator.refused(question.need, newest, await readWholeAnswer(third, 0, 'The answer'));
    }
    throw authenticator.refused(question.need, next, await readWholeAnswer(second, 0, 'The answer'));
  };

  const changeOnce = async ({ lane = 'metadata', ...change }: RegistryChange): Promise<WholeAnswer> => {
    const leave = await lanes.enter(lane, change.signal);
    const label = labelOf(change);
    const deadline =
      change.patient === true
        ? undefined
        : startDeadline(change.signal, patience.timings.metadataTotal, label);
    const { signal } = deadline ?? change;
    try {
      return await readOutcome(await sendLoggedIn({ ...change, named: 'upload', signal }), label);
    } finally {
      deadline?.dispose();
      leave();
    }
  };

  return {
    host: registry.host,
    origin: registry.origin,
    redactor,
    warnings,

    ask(question, limit, what) {
      const label = labelOf(question);
      const once = async (): Promise<WholeAnswer> => {
        const leave = await lanes.enter('metadata', question.signal);
        const deadline = startDeadline(question.signal, patience.timings.metadataTotal, label);
        try {
          const answer = await sendLoggedIn({ ...question, named: 'page', signal: deadline.signal });
          return await readWholeAnswer(answer, limit, what);
        } finally {
          deadline.dispose();
          leave();
        }
      };
      return repeatTransient(once, () => undefined, patience, question.signal);
    },

    open(question) {
      const once = async (): Promise<HttpAnswer> => {
        const leave = await lanes.enter(question.lane ?? 'metadata', question.signal);
        try {
          const answer = await sendLoggedIn({ ...question, named: 'page' });
          const discard = (): void => {
            answer.discard();
            leave();
          };
          return { ...answer, body: leaving(answer.body, leave), discard };
        } catch (error) {
          leave();
          throw error;
        }
      };
      return repeatTransient(once, (answer) => answer.discard(), patience, question.signal);
    },

    change: changeOnce,

    async changeAgain(change) {
      let sent = 0;
      const once = (): Promise<WholeAnswer> => {
        sent += 1;
        return changeOnce(change);
      };
      const answer = await repeatTransient(once, () => undefined, patience, change.signal);
      return { ...answer, repeated: sent > 1 };
    },
  };
}

/** What a good answer to a change says is in its headers. */
async function readOutcome(answer: HttpAnswer, label: () => string): Promise<WholeAnswer> {
  if (answer.status >= 400) return readWholeAnswer(answer, 0, label());
  answer.discard();
  const { status, headers, url, asked, redirected } = answer;
  return { status, headers, url, asked, redirected, bytes: new Uint8Array() };
}

/** Tells when a body has ended, or nobody reads it any more. */
function leaving(body: AsyncIterable<Uint8Array>, leave: () => void): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const chunks = body[Symbol.asyncIterator]();
      return {
        async next() {
          try {
            const next = await chunks.next();
            if (next.done === true) leave();
            return next;
          } catch (error) {
            leave();
            throw error;
          }
        },
        async return() {
          leave();
          return (await chunks.return?.()) ?? { done: true, value: undefined };
        },
      };
    },
  };
}
