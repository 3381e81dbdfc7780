/** Events with types: an EventTarget whose listeners can also be given what happened and taken back by a function. */
/**
 * @template {object} Events what comes with each type of event
 */
export class Emitter<Events extends object> extends EventTarget {
    constructor();
    /**
     * Call `listener` with what comes with each event of a type; return a function that ends it.
     *
     * @template {keyof Events & string} Type
     * @param {Type} type
     * @param {(detail: Events[Type]) => void} listener
     * @returns {() => void}
     */
    on<Type extends keyof Events & string>(type: Type, listener: (detail: Events[Type]) => void): () => void;
    /**
     * @protected
     * @template {keyof Events & string} Type
     * @param {Type} type
     * @param {Events[Type]} detail
     */
    protected emit<Type extends keyof Events & string>(type: Type, detail: Events[Type]): void;
}
