/** Where the page's modules are. */

export const PAGE = new URL("../../stream_server/page/", import.meta.url);

export const load = (name) => import(new URL(name, PAGE));
