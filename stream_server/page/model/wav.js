/** Write 16-bit samples of one channel as a WAV file: RIFF, 44 bytes of header, then the samples. */

/**
 * @param {Int16Array[]} pieces
 * @param {number} sampleRate
 * @returns {Uint8Array}
 */
export function wavOf(pieces, sampleRate) {
  const bytes = 2 * pieces.reduce((sum, piece) => sum + piece.length, 0);
  const file = new Uint8Array(44 + bytes);
  const view = new DataView(file.buffer);
  const mark = (at, text) => [...text].forEach((letter, index) => view.setUint8(at + index, letter.charCodeAt(0)));
  mark(0, "RIFF");
  view.setUint32(4, 36 + bytes, true);
  mark(8, "WAVEfmt ");
  view.setUint32(16, 16, true); // the format's length
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, 1, true); // one channel
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, 2 * sampleRate, true); // bytes a second
  view.setUint16(32, 2, true); // bytes a frame
  view.setUint16(34, 16, true); // bits a sample
  mark(36, "data");
  view.setUint32(40, bytes, true);
  let at = 44;
  for (const piece of pieces) {
    for (const sample of piece) {
      view.setInt16(at, sample, true);
      at += 2;
    }
  }
  return file;
}
