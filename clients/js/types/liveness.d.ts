export class Liveness {
    /**
     * @param {LivenessLimits} limits
     * @param {number} now milliseconds of any clock
     */
    constructor(limits: LivenessLimits, now: number);
    /** @param {number} now */
    heard(now: number): void;
    /**
     * @param {number} now
     * @param {boolean} sound whether it was sound
     */
    sent(now: number, sound: boolean): void;
    /**
     * The network went away or came back: be impatient.
     *
     * @param {number} now
     */
    suspect(now: number): void;
    /**
     * Judge, about once a second.
     *
     * @param {number} now
     * @param {object} seen
     * @param {number} seen.takenBytes that the network has taken
     * @param {number} seen.waitingBytes that it has not
     * @param {boolean} seen.answers whether the server is known to say something while it hears sound
     * @param {boolean} seen.owed whether it was asked for something and has not answered
     * @returns {"alive" | "idle" | "dead"} idle: say something
     */
    judge(now: number, { takenBytes, waitingBytes, answers, owed }: {
        takenBytes: number;
        waitingBytes: number;
        answers: boolean;
        owed: boolean;
    }): "alive" | "idle" | "dead";
    #private;
}
export type LivenessLimits = {
    /**
     * without a word from the server while sound is sent to it
     */
    silentMs: number;
    /**
     * in which the network takes nothing of what waits
     */
    stalledMs: number;
    /**
     * without a word from the server while it owes an answer
     */
    answerMs: number;
    /**
     * after which we say that we are there
     */
    idleMs: number;
};
