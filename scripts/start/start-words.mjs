const USAGE = 'Usage: npm start [-- [--web] [--port N] [--no-open] [PLACE]]';

/**
 * Reads what stands behind `npm start --`.
 *
 * @param {readonly string[]} words
 * @returns {{ web: boolean, hostWords: string[], place: string | undefined } | { complaint: string }}
 */
export function readStartWords(words) {
  /** @type {string[]} */
  const hostWords = [];
  /** @type {string | undefined} */
  let place;
  let web = false;
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    if (word === '--web') web = true;
    else if (word === '--no-open') hostWords.push(word);
    else if (word === '--port') {
      const port = words[++index] ?? '';
      if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
        return { complaint: `--port needs a number up to 65535. ${USAGE}` };
      hostWords.push(word, port);
    } else if (word.startsWith('-')) return { complaint: `${word} is not an option. ${USAGE}` };
    else if (place !== undefined) return { complaint: `One place at a time: ${place} or ${word}. ${USAGE}` };
    else place = word;
  }
  return { web, hostWords, place };
}
