/** Set by any payload that runs. */
const CALL = 'window.__pwn=1';

const MARKUP: readonly string[] = [
  `<script>${CALL}</script>`,
  `"><script>${CALL}</script>`,
  `'><script>${CALL}</script>`,
  `</title><script>${CALL}</script>`,
  `</text><script>${CALL}</script>`,
  `</svg><script>${CALL}</script>`,
  `]]><script>${CALL}</script>`,
  `<![CDATA[<script>${CALL}</script>]]>`,
  `<!--><script>${CALL}</script>-->`,
  `<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]>&y;`,
  `<?xml-stylesheet href="javascript:${CALL}"?>`,
  `<img src=x onerror="${CALL}">`,
  `" onload="${CALL}" x="`,
  `' onload='${CALL}' x='`,
  `<svg onload="${CALL}">`,
  `<svg><animate onbegin="${CALL}" attributeName="x" dur="1s"/></svg>`,
  `<a xlink:href="javascript:${CALL}"><text>x</text></a>`,
  `<foreignObject><body xmlns="http://www.w3.org/1999/xhtml" onload="${CALL}"/></foreignObject>`,
  `<use href="data:image/svg+xml,<svg/>#x"/>`,
  `<image href="http://127.0.0.1/beacon"/>`,
  `<style>@import url(http://127.0.0.1/beacon)</style>`,
  `<iframe srcdoc="<script>${CALL}</script>"></iframe>`,
  `<math><maction xlink:href="javascript:${CALL}">x</maction></math>`,
  `<link rel="stylesheet" href="http://127.0.0.1/beacon">`,
  `&lt;script&gt;${CALL}&lt;/script&gt;`,
  `&#60;script&#62;${CALL}&#60;/script&#62;`,
  `javascript:${CALL}`,
  `url(javascript:${CALL})`,
  `{{constructor.constructor('${CALL}')()}}`,
  '%3Cscript%3E',
];

const CHARACTERS: readonly string[] = [
  'evil\u202Etxt.exe',
  '\u2066isolated\u2069',
  'zero\u200Bwidth\uFEFF',
  '\u001B[31mred',
  'bell\u0007 null\u0000',
  'new\nline\r\ttab',
  '\uD800 lone surrogate',
  '\uFFFE\uFFFF',
  '\u{E0041}\u{E0042} tags',
  '\u2028separator\u2029',
];

/**
 * Texts that run script, load something or break out of their place when they are taken for markup, and texts that hide or
 * reorder what stands beside them; alone, in the middle of a word, and very long (reliability bar, G1 and check 24).
 */
export function hostileTexts(): readonly string[] {
  const all = [...MARKUP, ...CHARACTERS];
  return [
    ...all,
    ...all.map((text) => `sbom ${text} spdx`),
    ...MARKUP.map((text) => `${'a'.repeat(2000)}${text}`),
  ];
}
