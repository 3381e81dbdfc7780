"""Words that tell of numbers, in both languages at once, with Javanese digits: people mix them within a secret."""

from __future__ import annotations

from typing import Literal, TypeAlias


def words(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


Deed: TypeAlias = Literal["is", "times", "teen", "again"]
"""A number word is so much, multiplies what is in front, makes it a teen, or says the next digit again."""

_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")

NUMBER_WORDS: dict[str, tuple[Deed, int]] = {
    **{
        word: ("is", value)
        for value, words in enumerate(
            (
                "nol kosong zero nil",
                "satu one siji",
                "dua two loro",
                "tiga three telu",
                "empat ampat four papat",
                "lima five",
                "enam anam six nem",
                "tujuh tuju seven pitu",
                "delapan lapan dlapan eight wolu",
                "sembilan sembelan nine sanga songo",
                "sepuluh ten",
                "sebelas eleven",
                "twelve",
                "thirteen",
                "fourteen",
                "fifteen",
                "sixteen",
                "seventeen",
                "eighteen",
                "nineteen",
            )
        )
        for word in words.split()
    },
    "niner": ("is", 9),
    **{word: ("is", 10 * value) for value, word in enumerate(_TENS, start=2)},
    "fourty": ("is", 40),
    "seratus": ("is", 100),
    "seribu": ("is", 1_000),
    "sejuta": ("is", 1_000_000),
    "belas": ("teen", 10),
    "puluh": ("times", 10),
    "ratus": ("times", 100),
    "hundred": ("times", 100),
    "ribu": ("times", 1_000),
    "rebu": ("times", 1_000),
    "thousand": ("times", 1_000),
    "juta": ("times", 1_000_000),
    "million": ("times", 1_000_000),
    "miliar": ("times", 10**9),
    "milyar": ("times", 10**9),
    "billion": ("times", 10**9),
    "triliun": ("times", 10**12),
    "trillion": ("times", 10**12),
    "double": ("again", 2),
    "dobel": ("again", 2),
    "dabel": ("again", 2),
    "triple": ("again", 3),
    "tripel": ("again", 3),
}

ZEROS = frozenset({"oh", "o"})
"""Zero among digits, something else anywhere else."""

GAPS = words(
    "eh em ehm hmm mm anu uh um uhm er ah hm strip dash hyphen minus spasi space titik dot koma comma point garis "
    "miring slash plus tambah ya iya yes oke ok okay sorry maaf digit angka lagi again kurung buka tutup oh o "
    "- – — , . / * # ( ) + …"
)
"""What people say between the digits of one number, and marks that stand alone."""

LINKS = words("dan and then lalu terus kemudian next berikutnya lanjut")
"""Between the groups of one number, but between two numbers as well."""

MEASURES = words(
    "persen percent % per rupiah rp dolar dollar dollars cent cents sen euro euros pounds usd idr "
    "km kilometer kilometers meter meters m cm mm sentimeter milimeter kilo kilogram kilograms kg gram grams g mg "
    "liter liters ton tons hektare hektar ha mil mile miles feet foot inch inches derajat degrees celsius fahrenheit "
    "m2 km2 m3 km/jam km/h mph °c °f watt watts kw megabyte megabytes mb gigabyte gigabytes gb acres"
)
"""Behind a number they say how much: it is no secret then."""

COUNTED = words(
    # how many of what
    "orang peserta anggota karyawan siswa pengguna people persons participants users members employees students guests "
    "buah unit lembar ekor helai botol kotak kursi meja kamar item items pieces seats "
    # how long, how often
    "detik menit jam hari minggu pekan bulan tahun abad kali second seconds minute minutes hour hours day days "
    "week weeks month months year years decade decades times wib wita wit am pm a.m p.m o'clock pagi siang sore malam"
)
"""Behind a short number they say how many; a long one may be a secret that ended just there."""

MONTHS = words(
    "januari februari maret april mei juni juli agustus september oktober november desember january february march may "
    "june july august october december jan feb mar apr jun jul aug agu sep sept oct okt nov dec des"
)

YEAR_WORDS = words("tahun year in since until till by of during before after from sejak dari sampai hingga pada")
"""In front of a year."""

PLACE_WORDS = words(
    "tanggal jam pukul at lantai halaman bab pasal ayat kamar kelas usia umur langkah versi nilai skor blok gedung "
    "rt rw page room chapter level step version line figure question floor gate aged age"
)
"""In front of a number that says which of several: a short one is no secret then."""

CLOCK_WORDS = words("jam pukul at by until till around about sampai hingga")

CURRENCIES = words("rp rp. usd idr $ € £")

CUES = words(
    "kartu card nik ktp npwp paspor passport rekening account telepon telpon phone whatsapp pin cvv otp ends ending "
    "berakhiran akhiran"
)
"""Who says these is telling a number that may well be one of somebody's."""

NO_MAILBOX = words(
    "i me you he him she her we us they them it is are was were be been being am not and or but so then the a an this "
    "that these those here there now today look looks looking looked meet met meeting start starts started arrive "
    "arrived sit stay stayed live working work works good great bad laugh laughing aimed saya kita kami dia mereka"
)
"""In front of "at" they are no part of an address."""

WHEREABOUTS = words(
    "home noon night midnight all least most first last once work school lunch dinner breakfast present times risk "
    "stake hand the a an this that these those my your our their his her its me you him us them it what where who "
    "which dawn large random best worst"
)
"""Behind "at" they are no domain."""
