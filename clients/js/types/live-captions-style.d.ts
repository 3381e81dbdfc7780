/** Return the one sheet that all elements share. */
export function styles(): CSSStyleSheet;
