"""Names as Indonesian writes them: nations, languages, places and given names."""

from __future__ import annotations

from stream_server.text.names.spelled import spelled

_NATIONS = """
    Inggris, Amerika, Amerika Serikat, Kanada, Meksiko, Brasil, Jerman, Prancis, Perancis, Spanyol, Italia, Belanda,
    Swiss, Austria, Belgia, Swedia, Norwegia, Denmark, Finlandia, Polandia, Yunani, Rusia, Turki, Mesir, Maroko,
    Afrika Selatan, Arab, Arab Saudi, Jepang, Korea, Korea Selatan, Korea Utara, Tiongkok, Cina, Mandarin, Singapura,
    Filipina, Kamboja, Selandia Baru, Portugis, Eropa, Asia, Asia Tenggara, Afrika, Melayu, Sunda, Batak, Minang,
    Betawi, Bugis, Dayak, Madura
"""

_PLACES = """
    Jawa Barat, Jawa Timur, Jawa Tengah, Jawa, Sumatera, Sumatera Utara, Sumatera Barat, Sumatera Selatan,
    Kalimantan Timur, Kalimantan Barat, Kalimantan Selatan, Kalimantan Tengah, Sulawesi Selatan, Sulawesi Utara,
    Nusa Tenggara Barat, Nusa Tenggara Timur, Maluku, Riau, Jambi, Lampung, Banten, Bengkulu, Gorontalo, Jogja,
    Yogya, Sidoarjo, Gresik, Jember, Banyuwangi, Kediri, Madiun, Purwokerto, Tegal, Pekalongan, Salatiga,
    Sukabumi, Tasikmalaya, Garut, Karawang, Cikarang, Bukittinggi, Singkawang, Tarakan, Kendari, Sorong, Merauke,
    Jakarta Selatan, Jakarta Barat, Jakarta Timur, Jakarta Utara, Jakarta Pusat, Tangerang Selatan, Nusantara,
    Wina, Roma, Moskow, Kairo, Jenewa, Mekah, Mekkah, Madinah
"""

_PEOPLE = """
    Budi, Santoso, Agus, Andi, Hendra, Rina, Siti, Joko, Bambang, Susanto, Wijaya, Kusuma, Hartono, Setiawan, Kurniawan,
    Gunawan, Saputra, Hidayat, Nugroho, Prasetyo, Wibowo, Purnomo, Suryadi, Sutrisno, Haryanto, Firmansyah, Ramadhan,
    Rizki, Rizky, Dimas, Galih, Arif, Arief, Dedi, Eko, Heru, Iwan, Irwan, Rudy, Tono, Yanto, Yudi,
    Ningsih, Rahayu, Fitri, Fitriani, Nur, Nurul, Ratna, Rini, Sinta, Tuti, Yuli, Yanti,
    Kartini, Sukarno, Soekarno, Hatta, Suharto, Soeharto, Habibie, Megawati, Jokowi, Prabowo
"""

_FEASTS = "Lebaran, Idul Fitri, Idul Adha, Natal, Nyepi, Waisak, Imlek, Kristen, Katolik, Hindu, Buddha"

PLACES_BEHIND_PREPOSITIONS = spelled("Medan, Malang, Padang, Serang, Solo, Palu, Batu")
"""Cities that are ordinary words unless one goes there."""

PREPOSITIONS = frozenset(("di", "ke", "dari", "kota", "cabang", "wilayah"))

NOT_PLACES = frozenset(("perang", "pasir", "rumput", "laga", "pertempuran", "magnet", "besar", "kecil"))
"""Behind such a city these say that it is the ordinary word: "di medan perang"."""

NAMES = spelled(f"{_NATIONS},{_PLACES},{_PEOPLE},{_FEASTS}")
