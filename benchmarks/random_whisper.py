"""Write a Whisper model of a large one's shape with random weights: what it costs is real, what it says is nonsense.

    python benchmarks/random_whisper.py large-v3-turbo DIRECTORY

For machines that cannot fetch the large models. Tokenizer and vocabulary are those of base, one language short of
large-v3's. `engine.py --tokens-per-second` times such a model at the lengths of real transcripts.
"""

from __future__ import annotations

import argparse
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2.specs import WhisperSpec

from stream_server.asr.models import resolve
from stream_server.settings import default_data_directory

VOCABULARY = 51_865
END_TOKEN = 50_257


@dataclass(frozen=True, slots=True)
class Shape:
    """Layers of encoder and decoder, width, heads, height of the spectrogram."""

    encoder: int
    decoder: int
    width: int
    heads: int
    mels: int


SHAPES = {
    "large-v3-turbo": Shape(32, 4, 1280, 20, 128),
    "large-v3": Shape(32, 32, 1280, 20, 128),
    "small": Shape(12, 12, 768, 12, 80),
    "tiny": Shape(4, 4, 384, 6, 80),
}


class Writer:
    """Fills a specification."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self._random = np.random.default_rng(0)

    def spec(self) -> Any:
        """Return the whole model."""
        shape, width = self._shape, self._shape.width
        spec = WhisperSpec(shape.encoder, shape.heads, shape.decoder, shape.heads)
        self._weigh(spec.encoder.conv1, width, shape.mels, 3)
        self._weigh(spec.encoder.conv2, width, width, 3)
        spec.encoder.position_encodings.encodings = self._values(1500, width)
        spec.decoder.position_encodings.encodings = self._values(448, width)
        spec.decoder.embeddings.weight = self._values(VOCABULARY, width)
        spec.decoder.projection.weight = spec.decoder.embeddings.weight
        for side in (spec.encoder, spec.decoder):
            self._norm(side.layer_norm)
            for layer in side.layer:
                self._layer(layer)
        return spec

    def _layer(self, layer: Any) -> None:
        width = self._shape.width
        self._norm(layer.self_attention.layer_norm)
        for linear, height in zip(layer.self_attention.linear, (3, 1), strict=True):
            self._weigh(linear, height * width, width)
        if hasattr(layer, "attention"):
            self._norm(layer.attention.layer_norm)
            for linear, height in zip(layer.attention.linear, (1, 2, 1), strict=True):
                self._weigh(linear, height * width, width)
        self._norm(layer.ffn.layer_norm)
        self._weigh(layer.ffn.linear_0, 4 * width, width)
        self._weigh(layer.ffn.linear_1, width, 4 * width)

    def _norm(self, norm: Any) -> None:
        norm.gamma = np.ones(self._shape.width, np.float16)
        norm.beta = np.zeros(self._shape.width, np.float16)

    def _weigh(self, part: Any, *shape: int) -> None:
        part.weight = self._values(*shape)
        part.bias = np.zeros(shape[0], np.float16)

    def _values(self, *shape: int) -> Any:
        return (0.02 * self._random.standard_normal(shape, np.float32)).astype(np.float16)


def write(name: str, directory: Path) -> Path:
    """Write a model of this shape; return its directory."""
    shape = SHAPES[name]
    base = resolve("base", default_data_directory(), allow_download=True).path
    config = json.loads((base / "config.json").read_text("utf-8"))
    directory.mkdir(parents=True)
    spec = Writer(shape).spec()
    for key in ("lang_ids", "suppress_ids", "suppress_ids_begin"):
        setattr(spec.config, key, config[key])
    spec.config.alignment_heads = [[shape.decoder - 1, head] for head in range(6)]
    spec.register_vocabulary((base / "vocabulary.txt").read_text("utf-8").split("\n")[:VOCABULARY])
    spec.validate()
    spec.decoder.projection.weight = "decoder/embeddings/weight"  # one matrix, as in the released models
    spec.save(str(directory))
    shutil.copy(base / "tokenizer.json", directory)
    extractor = {
        "feature_size": shape.mels,
        "sampling_rate": 16_000,
        "hop_length": 160,
        "chunk_length": 30,
        "n_fft": 400,
    }
    (directory / "preprocessor_config.json").write_text(json.dumps(extractor), encoding="utf-8")
    return directory


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shape", choices=SHAPES)
    parser.add_argument("directory", type=Path)
    arguments = parser.parse_args()
    print(write(arguments.shape, arguments.directory))


if __name__ == "__main__":
    main()
