/** Which view an address means: `#/recordings/ID` is the view "recordings" with the item ID. */

export const VIEWS = ["live", "recordings", "speakers", "usage"];

/** Read a location's hash; what nobody knows is the first view. */
export function readRoute(hash) {
  const [view, ...rest] = hash.replace(/^#\/?/, "").split("/");
  if (!VIEWS.includes(view)) return { view: VIEWS[0], item: null };
  return { view, item: decoded(rest.join("/")) || null };
}

/** Return the hash that `readRoute` reads as this. */
export function writeRoute(view, item = null) {
  return item === null ? `#/${view}` : `#/${view}/${encodeURIComponent(item)}`;
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}
