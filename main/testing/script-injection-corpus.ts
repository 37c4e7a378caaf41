/**
 * Payloads that run script, load something or break out of their place when any displayed field is treated as markup,
 * as a URL or as CSS (reliability bar, check 24). Each calls `__pwn` or loads the beacon; a test looks for both.
 */
export function scriptInjectionCorpus(beacon: string): readonly string[] {
  const calls = ['window.__pwn=1', "window['__pwn']=1", 'self.__pwn=1', 'top.__pwn=1', `fetch('${beacon}')`];
  const payloads = new Set<string>();
  for (const call of calls) {
    const inAttribute = call.replaceAll('"', '&quot;');
    for (const payload of [
      `<script>${call}</script>`,
      `"><script>${call}</script>`,
      `'><script>${call}</script>`,
      `</script><script>${call}</script>`,
      `</textarea><script>${call}</script>`,
      `</title><script>${call}</script>`,
      `</style><script>${call}</script>`,
      `<!--><script>${call}</script>-->`,
      `<![CDATA[<script>${call}</script>]]>`,
      `<scr<script>ipt>${call}</scr</script>ipt>`,
      `<SCRIPT>${call}</SCRIPT>`,
      `<script\n>${call}</script\n>`,
      `<script/x>${call}</script/x>`,
      `<script type=module>${call}</script>`,
      `<script src="data:text/javascript,${inAttribute}"></script>`,
      `<iframe srcdoc="<script>${inAttribute}</script>"></iframe>`,
      `<iframe src="javascript:${inAttribute}"></iframe>`,
      `<object data="javascript:${inAttribute}"></object>`,
      `<embed src="javascript:${inAttribute}">`,
      `<a href="javascript:${inAttribute}" autofocus onfocus="${inAttribute}">x</a>`,
      `<form action="javascript:${inAttribute}"><button autofocus onfocus="${inAttribute}">x</button></form>`,
      `<math><maction actiontype="statusline" xlink:href="javascript:${inAttribute}">x</maction></math>`,
      `<math><mtext><table><mglyph><style><img src=x onerror="${inAttribute}"></style></mglyph></table></mtext></math>`,
      `<svg><script>${call}</script></svg>`,
      `<svg><animate onbegin="${inAttribute}" attributeName=x dur=1s></svg>`,
      `<svg><set onbegin="${inAttribute}" attributeName=x></svg>`,
      `<svg><a xlink:href="javascript:${inAttribute}"><text>x</text></a></svg>`,
      `<svg><foreignObject><body onload="${inAttribute}"></body></foreignObject></svg>`,
      `<noscript><p title="</noscript><img src=x onerror=${call}>">`,
      `<table background="javascript:${inAttribute}">`,
      `<link rel=stylesheet href="javascript:${inAttribute}">`,
      `<base href="javascript:${inAttribute}//">`,
      `<meta http-equiv=refresh content="0;url=javascript:${inAttribute}">`,
      `<isindex action="javascript:${inAttribute}" type=image>`,
      `javascript:${call}`,
      `JaVaScRiPt:${call}`,
      `java\tscript:${call}`,
      `\u0001javascript:${call}`,
      `data:text/html,<script>${call}</script>`,
      `vbscript:${call}`,
      `[x](javascript:${call})`,
      `![x](javascript:${call})`,
      `<javascript:${call}>`,
      `[x]: javascript:${call}`,
      `{{constructor.constructor('${call.replaceAll("'", '"')}')()}}`,
      `\${${call}}`,
      `#{${call}}`,
      `%3Cscript%3E${encodeURIComponent(call)}%3C/script%3E`,
      `\\u003cscript\\u003e${call}\\u003c/script\\u003e`,
      `&lt;script&gt;${call}&lt;/script&gt;`,
      `&#60;script&#62;${call}&#60;/script&#62;`,
      `+ADw-script+AD4-${call}+ADw-/script+AD4-`,
    ]) {
      payloads.add(payload);
    }
    for (const element of [
      'img src=x',
      'svg',
      'body',
      'video src=x',
      'audio src=x',
      'details open',
      'input autofocus',
      'select autofocus',
      'marquee',
      'object data=x',
      'style',
      'iframe',
      'link rel=stylesheet href=x',
      'image src=x',
      'source src=x',
      'track default src=x',
      'dialog open',
      'custom-element',
    ]) {
      for (const handler of ['onerror', 'onload', 'ontoggle', 'onfocus', 'onstart', 'onanimationstart']) {
        if (call === calls[0] || handler === 'onerror')
          payloads.add(`<${element} ${handler}="${inAttribute}">`);
      }
    }
  }
  for (const load of [
    `<img src="${beacon}">`,
    `<img srcset="${beacon} 1x">`,
    `<link rel=prefetch href="${beacon}">`,
    `<link rel=dns-prefetch href="${beacon}">`,
    `<style>@import '${beacon}';</style>`,
    `<style>*{background:url(${beacon})}</style>`,
    `<div style="background:url(${beacon})">x</div>`,
    `<meta http-equiv=refresh content="0;url=${beacon}">`,
    `<object data="${beacon}"></object>`,
    `<iframe src="${beacon}"></iframe>`,
    `<video poster="${beacon}"></video>`,
    `<svg><image href="${beacon}"/></svg>`,
    `<svg><use href="${beacon}#x"/></svg>`,
    `<svg><filter><feImage href="${beacon}"/></filter></svg>`,
    `![x](${beacon})`,
    `</style><img src="${beacon}">`,
    `x;background:url(${beacon})`,
    `expression(fetch('${beacon}'))`,
    `url("${beacon}")`,
  ]) {
    payloads.add(load);
  }
  return [...payloads];
}
