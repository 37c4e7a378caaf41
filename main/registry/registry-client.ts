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
import type { HttpAnswer, Sender } from './http/send-request.ts';
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

/** Asks one registry: logs in, follows redirects, repeats what failed for a moment, and collects warnings. */
export interface RegistryClient {
  /** The registry as the person knows it. */
  readonly host: string;
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

/** Puts the client of one registry together. */
export function createRegistryClient(parts: RegistryClientParts): RegistryClient {
  const { registry, sender, authenticator, lanes, patience, redactor, warnings } = parts;

  const send = async (
    question: RegistryQuestion,
    authorization: Authorization | undefined,
  ): Promise<HttpAnswer> => {
    const isPage = typeof question.at !== 'string';
    const answer = await sendFollowingRedirects(sender, {
      method: question.method,
      url: new URL(question.at, registry.origin),
      purpose: isPage ? 'page' : 'registry',
      headers: question.headers ?? {},
      ...(authorization === undefined ? {} : { credentials: authorization.header }),
      signal: question.signal,
    });
    parts.onAnswer();
    warnings.collect(answer.headers);
    return answer;
  };

  const refuseForeignChallenge = (question: RegistryQuestion, answer: HttpAnswer): void => {
    if (!answer.redirected) return;
    answer.discard();
    throw new TallymanError({
      code: 'UNAUTHORIZED',
      message: `${registry.host} redirected to ${describeUrl(answer.url)}, which wants a sign-in of its own (401); none is sent there.`,
      hint: 'Only the registry itself gets credentials. Ask whoever runs it.',
      details: { status: 401, redirected: true, path: describeUrl(new URL(question.at, registry.origin)) },
    });
  };

  /** One attempt with as many as one new log-in. `exchange` is what is done with each sent request. */
  const sendLoggedIn = async (question: RegistryQuestion): Promise<HttpAnswer> => {
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
    const whole = await readWholeAnswer(second, 0, 'The answer');
    throw authenticator.refused(question.need, next, whole);
  };

  return {
    host: registry.host,
    redactor,
    warnings,

    ask(question, limit, what) {
      const { method, at } = question;
      const label = `${method} ${describeUrl(new URL(at, registry.origin))}`;
      const once = async (): Promise<WholeAnswer> => {
        const leave = await lanes.enter('metadata', question.signal);
        const deadline = startDeadline(question.signal, patience.timings.metadataTotal, label);
        try {
          const answer = await sendLoggedIn({ ...question, signal: deadline.signal });
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
          const answer = await sendLoggedIn(question);
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
  };
}

async function* leaving(
  body: AsyncIterable<Uint8Array>,
  leave: () => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* body;
  } finally {
    leave();
  }
}
