/** How `<live-captions>` looks: a sheet of its own, which no Content-Security-Policy takes for an inline style. */

const CSS = `
:host { display: block; font: 1rem/1.5 system-ui, sans-serif; color-scheme: light dark; }
:host([hidden]), [hidden] { display: none !important; }
[part=controls] { display: flex; gap: .75rem; align-items: center; flex-wrap: wrap; }
[part=button] { font: inherit; padding: .4rem 1rem; border-radius: .4rem; cursor: pointer; }
[part=level] { width: 5rem; }
[part=log] { max-height: var(--live-captions-height, 20rem); overflow-y: auto; overflow-wrap: anywhere; }
[part=live] { min-height: 1.5em; overflow-wrap: anywhere; }
[part=turn] { margin: .35rem 0; }
bdi { unicode-bidi: isolate; }
[part=speaker] { font-weight: 600; margin-inline-end: .5ch; }
[part=tentative] { opacity: .75; font-style: italic; margin-inline-start: .5ch; }
[part]:empty { margin: 0; }
[data-colour="1"] { color: light-dark(#0b57a4, #8ec5ff); }
[data-colour="2"] { color: light-dark(#9a3412, #fdba74); }
[data-colour="3"] { color: light-dark(#166534, #86efac); }
[data-colour="4"] { color: light-dark(#86198f, #f0abfc); }
[data-colour="5"] { color: light-dark(#854d0e, #fde047); }
[data-colour="6"] { color: light-dark(#115e59, #5eead4); }
[data-colour="7"] { color: light-dark(#9f1239, #fda4af); }
[data-colour="8"] { color: light-dark(#3730a3, #c7d2fe); }
`;

/** @type {CSSStyleSheet | undefined} */
let sheet;

/** Return the one sheet that all elements share. */
export function styles() {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
  }
  return sheet;
}
