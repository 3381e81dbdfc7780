/** Events with types: an EventTarget whose listeners can also be given what happened and taken back by a function. */

/**
 * @template {object} Events what comes with each type of event
 */
export class Emitter extends EventTarget {
  /**
   * Call `listener` with what comes with each event of a type; return a function that ends it.
   *
   * @template {keyof Events & string} Type
   * @param {Type} type
   * @param {(detail: Events[Type]) => void} listener
   * @returns {() => void}
   */
  on(type, listener) {
    /** @param {Event} event */
    const call = (event) => listener(/** @type {CustomEvent<Events[Type]>} */ (event).detail);
    this.addEventListener(type, call);
    return () => this.removeEventListener(type, call);
  }

  /**
   * @protected
   * @template {keyof Events & string} Type
   * @param {Type} type
   * @param {Events[Type]} detail
   */
  emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
