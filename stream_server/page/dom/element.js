/** The few words that every view needs for the document. Text goes in as text: nothing here reads HTML. */

/** Return the element of an id; the page is wrong without it. */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`index.html lacks #${id}`);
  return element;
}

/** Return a new element with these properties and children. */
export function make(tag, properties = {}, ...children) {
  const { dataset, ...rest } = properties;
  const element = Object.assign(document.createElement(tag), rest);
  Object.assign(element.dataset, dataset);
  element.append(...children);
  return element;
}

/** Hide an element; the focus, where it was on it, goes to another. */
export function hide(element, heir) {
  const hadFocus = element.contains(document.activeElement);
  element.hidden = true;
  if (hadFocus) heir.focus({ preventScroll: true });
}

/** Show one of several controls that take each other's place; the focus goes along. */
export function showOne(controls, shown) {
  shown.hidden = false;
  for (const each of controls) if (each !== shown) hide(each, shown);
}

/** Return the first element of a template, as a copy. */
export function copyOf(templateId) {
  return byId(templateId).content.firstElementChild.cloneNode(true);
}

/** Return the parts of an element that `data-part` names. */
export function partsOf(element) {
  return Object.fromEntries([...element.querySelectorAll("[data-part]")].map((part) => [part.dataset.part, part]));
}
